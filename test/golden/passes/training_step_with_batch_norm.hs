// kernels and bytes of one step, as planned and op by op: a residual unit of 64 channels on 16 x 16, 32 records
model Unit(x: f32[64, 16, 16]) -> f32[64, 16, 16] = {
  let y = x |> conv(64, kernel: 3, pad: 1, bias: false) |> batch_norm |> relu |> conv(64, kernel: 3, pad: 1, bias: false) |> batch_norm
  relu(y + x)
}
let net = train(Unit, rows(normal([64, 64, 16, 16])), loss: (m, r) => mse(m(r), r), optimizer: sgd(0.01, momentum: 0.9), batch: 32, epochs: 1)
save net to "unit.safetensors"

//= count kernel
// step.kernels 42
// step.megabytes 107.1
// op-by-op.kernels 155
// op-by-op.megabytes 256
