// Boosting by fold: each net learns one feature of what those before it leave; figures: NumPy, least squares
let x = normal([80, 4], seed: 1)
let y = x @ [2.0, -1.0, 0.5, 0.0] + 0.2 * normal([80], seed: 2)
model One(x: f32) -> f32 = {
  weight slope: f32 = 0
  slope * x
}
fn next(f, t) = {
  let net = train(One, rows({ x: x @ one_hot(t % 4, 4), y: y - f }), loss: (m, r) => (m(r.x) - r.y)^2, optimizer: lbfgs(), epochs: 2)
  f + 0.5 * map(x @ one_hot(t % 4, 4), v => net(v))
}
print map(scan(range(6), zeros([80]), next), f => mean((y - f)^2))
print mean((y - fold(range(6), zeros([80]), next))^2)
print mean((y - iterate({ f: zeros([80]), t: 0 }, s => { f: next(s.f, s.t), t: s.t + 1 }, times: 20, until: (old, new) => new.t >= 6).f)^2)
//= run
// [2.3532116, 1.513491, 1.3898375, 1.38426, 0.6598359, 0.4490269]
// 0.4490269
// 0.4490269
// stderr:
// iteration 1/6  epoch 1/2  loss 2.27
// iteration 1/6  epoch 2/2  loss 1.491
// iteration 2/6  epoch 1/2  loss 1.234
// iteration 2/6  epoch 2/2  loss 1.234
// iteration 3/6  epoch 1/2  loss 1.393
// iteration 3/6  epoch 2/2  loss 1.349
// iteration 4/6  epoch 1/2  loss 1.382
// iteration 4/6  epoch 2/2  loss 1.382
// iteration 5/6  epoch 1/2  loss 0.4184
// iteration 5/6  epoch 2/2  loss 0.4184
// iteration 6/6  epoch 1/2  loss 0.6451
// iteration 6/6  epoch 2/2  loss 0.3788
// iteration 1/20  epoch 1/2  loss 2.27
// iteration 1/20  epoch 2/2  loss 1.491
// iteration 2/20  epoch 1/2  loss 1.234
// iteration 2/20  epoch 2/2  loss 1.234
// iteration 3/20  epoch 1/2  loss 1.393
// iteration 3/20  epoch 2/2  loss 1.349
// iteration 4/20  epoch 1/2  loss 1.382
// iteration 4/20  epoch 2/2  loss 1.382
// iteration 5/20  epoch 1/2  loss 0.4184
// iteration 5/20  epoch 2/2  loss 0.4184
// iteration 6/20  epoch 1/2  loss 0.6451
// iteration 6/20  epoch 2/2  loss 0.3788
