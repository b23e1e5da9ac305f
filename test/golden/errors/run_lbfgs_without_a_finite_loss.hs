// no step is taken from where there is no loss
model Line(x: f32) -> f32 = {
  weight a: f32 = 0
  a * x
}
let net = train(Line, rows([1.0, -2.0]), loss: (m, x) => log(m(x) + x), optimizer: lbfgs(), epochs: 20)
print net(1.0)

//= run
// stderr:
// epoch 1/20  loss NaN
// error: the loss over all data is not finite; of no rows it is NaN
//   --> run_lbfgs_without_a_finite_loss.hs:6:11
//  6 | let net = train(Line, rows([1.0, -2.0]), loss: (m, x) => log(m(x) + x), optimizer: lbfgs(), epochs: 20)
//    |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// exit 1
