model Line(x: f32) -> f32 = {
  weight a: f32 = 0
  weight b: f32 = 0
  a * x + b
}
let d = rows([0.0, 1.0, 2.0, 3.0])
fn off(m, x) = (m(x) - (2 * x + 1)) ^ 2
print train(Line, d, loss: off, optimizer: lbfgs(), epochs: 20, batch: 2)(1.0)
print train(Line, d, loss: off, optimizer: lbfgs(), epochs: 20, clip: 1.0)(1.0)
print train(Line, d, loss: (m, x, c) => { loss: off(m, x), carry: c }, optimizer: lbfgs(), epochs: 20, carry: 0.0)(1.0)
print train({ a: Line }, d, loss: { a: (m, x) => off(m.a, x) }, optimizer: lbfgs(), epochs: 20).a(1.0)
print train(Line, d, loss: off, optimizer: for_weights("a", lbfgs(), otherwise: sgd(0.1)), epochs: 20)(1.0)
print train(Line, d, loss: off, optimizer: lbfgs(), epochs: 20, steps: 3)(1.0)
print train(Line, d, loss: off, optimizer: lbfgs(), epochs: 20, freeze: ["a", "b"])(1.0)

//= error
// error: lbfgs uses all data at once: it takes no `batch`
//   --> lbfgs_with_what_batches_need.hs:8:65
//  8 | print train(Line, d, loss: off, optimizer: lbfgs(), epochs: 20, batch: 2)(1.0)
//    |                                                                 ^^^^^^^^
// help: leave it out
//
// error: lbfgs finds how far it goes by the loss: it takes no `clip`
//   --> lbfgs_with_what_batches_need.hs:9:65
//  9 | print train(Line, d, loss: off, optimizer: lbfgs(), epochs: 20, clip: 1.0)(1.0)
//    |                                                                 ^^^^^^^^^
// help: leave it out
//
// error: `carry` goes from a batch to the next one, and lbfgs uses all data at once
//   --> lbfgs_with_what_batches_need.hs:10:104
// 10 | print train(Line, d, loss: (m, x, c) => { loss: off(m, x), carry: c }, optimizer: lbfgs(), epochs: 20, carry: 0.0)(1.0)
//    |                                                                                                        ^^^^^^^^^^
// help: sgd, adam or another optimizer with batches
//
// error: lbfgs minimises one loss, this is a record of losses
//   --> lbfgs_with_what_batches_need.hs:11:29
// 11 | print train({ a: Line }, d, loss: { a: (m, x) => off(m.a, x) }, optimizer: lbfgs(), epochs: 20).a(1.0)
//    |                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: one loss, or sgd, adam or another optimizer
//
// error: lbfgs moves all weights at once: it is no optimizer of some of them
//   --> lbfgs_with_what_batches_need.hs:12:61
// 12 | print train(Line, d, loss: off, optimizer: for_weights("a", lbfgs(), otherwise: sgd(0.1)), epochs: 20)(1.0)
//    |                                                             ^^^^^^^
// help: optimizer: lbfgs(), freeze: [".."] for what is to stay
//
// error: train takes `epochs` or `steps`, both are given
//   --> lbfgs_with_what_batches_need.hs:13:65
// 13 | print train(Line, d, loss: off, optimizer: lbfgs(), epochs: 20, steps: 3)(1.0)
//    |                                                                 ^^^^^^^^
//
// error: no weight of Line is left to train: the losses read none, or all are frozen
//   --> lbfgs_with_what_batches_need.hs:14:28
// 14 | print train(Line, d, loss: off, optimizer: lbfgs(), epochs: 20, freeze: ["a", "b"])(1.0)
//    |                            ^^^
// exit 2
