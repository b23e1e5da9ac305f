// a step has as many records as are left: what needs a number of them cannot be had
model M(x: f32[2]) -> f32[2] = {
  weight w: f32[2] = 1
  w * x
}
let d = rows([[1.0, 2.0], [3.0, 5.0]])
fn by(loss) = train(M, d, loss: loss, optimizer: sgd(0.1), batch: 2, epochs: 1)([1.0, 1.0])
print by((m, x) => sum(reshape(over_batch(m(x)), [-1, 4])))

//= error
// error: a side of div(2 * batch, 4), of a step with any number of records
//   --> what_does_not_go_along_the_records_of_a_step.hs:8:24
//  8 | print by((m, x) => sum(reshape(over_batch(m(x)), [-1, 4])))
//    |                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: keep the axis of over_batch as it is
// exit 2
