model M(x: f32) -> f32 = {
  weight w: f32 = 1
  w * x
}
let net = train(M, rows([1.0, 2.0]), loss: (m, x) => exp(m(x) ^ 2), optimizer: sgd(100.0), batch: 1, epochs: 2, shuffle: false)
print net(1.0)

//= error
// error: loss is inf at step 2, with the first infinity here
//   --> run_loss_diverges.hs:5:54
//  5 | let net = train(M, rows([1.0, 2.0]), loss: (m, x) => exp(m(x) ^ 2), optimizer: sgd(100.0), batch: 1, epochs: 2, shuffle: false)
//    |                                                      ^^^^^^^^^^^^^
// note: loss is this
//   --> run_loss_diverges.hs:5:44
// exit 1
