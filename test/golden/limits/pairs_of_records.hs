layer b(x: f32[2]) -> f32[2] = {
  weight w: f32[2] = 1
  if training then w * sum(sort(over_batch(x), axis: 0), axis: 0) else x
}
model M(x: f32[2]) -> f32[2] = b(x)
let net = train(M, rows([[1.0, 2.0], [3.0, 5.0]]), loss: (m, x) => sum(m(x)), optimizer: sgd(0.1), batch: 2, epochs: 1)
save net to "net.safetensors"

//= error
// epoch 1/1  step 1/1  loss 11
// exit 0
