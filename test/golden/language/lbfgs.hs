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
