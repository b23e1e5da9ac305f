// a block of a transformer: width 128, 4 heads, 64 places; it learns to give back what it is given
param batch = 32
param steps = 1_000_000
param shuffled = 1
let x: f32[256, 64, 128] = npy("x.npy")
model Block(x: f32[64, 128]) -> f32[64, 128] = {
  let y = x + (x |> layer_norm |> attention(4))
  y + (y |> layer_norm |> dense(512) |> gelu |> dense(128))
}
let start = init(Block)
let net = train(start, rows(x), loss: (m, r) => mse(m(r), r), optimizer: sgd(0.01, momentum: 0.9),
  batch: batch, steps: steps, shuffle: shuffled == 1)
save start to "start.safetensors"
save net to "end.safetensors"
