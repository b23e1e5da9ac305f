// least squares of four points on 2 x + 1: the least is found but for rounding; by hand
model Line(x: f32) -> f32 = {
  weight a: f32 = 0
  weight b: f32 = 0
  a * x + b
}
let d = rows([0.0, 1.0, 2.0, 3.0])
let net = train(Line, d, loss: (m, x) => (m(x) - (2 * x + 1)) ^ 2, optimizer: lbfgs(), epochs: 20)
print abs(net(10.0) - 21) < 1e-3

//= run
// true
// stderr:
// epoch 1/20  loss 6.414
// epoch 2/20  loss 0.0007276
// epoch 3/20  loss 0.0006282
// epoch 4/20  loss 1.256e-11
// epoch 5/20  loss 3.553e-15
