// chance is keyed by the row: a draw for no row in particular cannot be had
model M(x: f32[2]) -> f32[2] = {
  weight w: f32[2] = 1
  w * x
}
let d = rows([[1.0, 2.0], [3.0, 5.0]])
fn by(loss) = train(M, d, loss: loss, optimizer: sgd(0.1), batch: 2, epochs: 1)([1.0, 1.0])
print by((m, x) => sum(over_batch(m(x)) * normal([shape(over_batch(x))[0], 2])))

//= error
// error: a draw for all records of a step at once
//   --> draws_for_the_records_of_a_step.hs:8:43
//  8 | print by((m, x) => sum(over_batch(m(x)) * normal([shape(over_batch(x))[0], 2])))
//    |                                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: draw for each record: over_batch(..) of it has all
// exit 2
