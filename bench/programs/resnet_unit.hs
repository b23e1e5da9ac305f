// a residual unit of 64 channels on 16 x 16, with batch norm; it learns to give back what it is given
param batch = 32
param steps = 1_000_000
param shuffled = 1
let x: f32[256, 64, 16, 16] = npy("x.npy")
model Unit(x: f32[64, 16, 16]) -> f32[64, 16, 16] = {
  let y = x |> conv(64, kernel: 3, pad: 1, bias: false) |> batch_norm |> relu |> conv(64, kernel: 3, pad: 1, bias: false) |> batch_norm
  relu(y + x)
}
let start = init(Unit)
let net = train(start, rows(x), loss: (m, r) => mse(m(r), r), optimizer: sgd(0.01, momentum: 0.9),
  batch: batch, steps: steps, shuffle: shuffled == 1)
save start to "start.safetensors"
save net to "end.safetensors"
