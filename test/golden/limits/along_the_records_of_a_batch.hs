layer b(x: f32[2]) -> f32[2] = {
  weight w: f32[2] = 1
  if training then w * sum(flip(over_batch(x), axis: 0), axis: 0) else x
}
model M(x: f32[2]) -> f32[2] = b(x)
let net = train(M, rows([[1.0, 2.0], [3.0, 5.0]]), loss: (m, x) => sum(m(x)), optimizer: sgd(0.1), batch: 2, epochs: 1)
save net to "net.safetensors"

//= error
// limit: `flip` along the records of over_batch is not built yet
//   --> along_the_records_of_a_batch.hs:3:28
//  3 |   if training then w * sum(flip(over_batch(x), axis: 0), axis: 0) else x
//    |                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: reduce over them (sum, mean, max, min, @), or element by element
// exit 2
