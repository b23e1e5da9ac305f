// kernels and bytes of one step, as planned and op by op: width 128, 4 heads, 64 places, 32 records
model Block(x: f32[64, 128]) -> f32[64, 128] = {
  let y = x + (x |> layer_norm |> attention(4))
  y + (y |> layer_norm |> dense(512) |> gelu |> dense(128))
}
let net = train(Block, rows(normal([64, 64, 128])), loss: (m, r) => mse(m(r), r), optimizer: sgd(0.01, momentum: 0.9), batch: 32, epochs: 1)
save net to "block.safetensors"

//= count kernel
// step.kernels 53
// step.megabytes 125.28
// op-by-op.kernels 199
// op-by-op.megabytes 418.13
