// a loop has a number of turns, a step as many records as are left
model M(x: f32[2]) -> f32[2] = {
  weight w: f32[2] = 1
  w * x
}
let d = rows([[1.0, 2.0], [3.0, 5.0]])
fn by(loss) = train(M, d, loss: loss, optimizer: sgd(0.1), batch: 2, epochs: 1)([1.0, 1.0])
print by((m, x) => fold(over_batch(m(x)), 0.0, (s, y) => s + sum(y)))

//= error
// error: a number is needed here, and batch is another one in each step: the last of an epoch may have fewer records
//   --> fold_along_the_records_of_a_step.hs:8:20
//  8 | print by((m, x) => fold(over_batch(m(x)), 0.0, (s, y) => s + sum(y)))
//    |                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: sum, mean, max, @, sort and what goes element by element take over_batch as it is
// exit 2
