// x is standardised by all rows at once, weights by least squares: y is 3 + 2 (x - 4), and the mean of x is what the last step has left
layer centred(x: f32) -> f32 = {
  weight frozen: f32 = 1
  state middle: f32 = 0 then mean(over_batch(x))
  frozen * (x - (if training then mean(over_batch(x)) else middle))
}
model Line(x: f32) -> f32 = {
  weight a: f32 = 0
  weight b: f32 = 0
  a * centred(x) + b
}
let d = rows([1.0, 3.0, 8.0])
let net = train(Line, d, loss: (m, x) => (m(x) - (2 * x - 5)) ^ 2, optimizer: lbfgs(), epochs: 20, freeze: ["*.frozen"])
print abs(net(4.0) - 3) < 1e-3
print abs(net(9.0) - 13) < 1e-3
save net to "line.safetensors"
print abs(load(Line, "line.safetensors")(9.0) - 13) < 1e-3

//= run
// true
// true
// true
// stderr:
// epoch 1/20  loss 16.93
// epoch 2/20  loss 5.45
// epoch 3/20  loss 4.086
// epoch 4/20  loss 0.08122
// epoch 5/20  loss 0.00000113
// epoch 6/20  loss 1.057e-9
// epoch 7/20  loss 2.577e-12
// epoch 8/20  loss 3.79e-14
