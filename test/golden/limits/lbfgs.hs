model M(x: f32) -> f32 = {
  weight w: f32 = 1
  w * x
}
let net = train(M, rows([1.0]), loss: (m, x) => m(x) ^ 2, optimizer: lbfgs(), epochs: 3)
print net(1.0)

//= error
// limit: `lbfgs` is not built yet
//   --> lbfgs.hs:5:70
//  5 | let net = train(M, rows([1.0]), loss: (m, x) => m(x) ^ 2, optimizer: lbfgs(), epochs: 3)
//    |                                                                      ^^^^^^^
// help: sgd, adam or another optimizer with batches
// exit 2
