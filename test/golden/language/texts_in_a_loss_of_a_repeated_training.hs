// What an engine makes of the rows for a loss are columns of the rows of that training, whether it is made once, for each element of a map, or in
// a fold whose rows and target hang on the trip. In the order of the rows, so that one training and one of three are the same up to the order of sums.
model M(x: f32[2]) -> f32[1] = dense(x, 1, init: constant_init(0.1))
let d = rows(range(40)) |> map(i => { id: i, s: string(i * 37), x: [f32(i) / 40, f32(i % 7)] })
fn run(lr) = {
  let net = train(M, d, loss: (m, r) => mse(m(r.x), [f32(length(r.s))]), optimizer: sgd(lr), batch: 8, epochs: 3, shuffle: false,
    metrics: { off: (m, r) => sum(abs(m(r.x) - f32(length(r.s)))) }, validate: d |> filter(r => r.id > 30), keep: "best")
  d |> mean(r => mse(net(r.x), [f32(length(r.s))]))
}
let once = run(0.01)
let rates = d |> take(3) |> map(r => 0.005 * f32(r.id + 1)) |> collect
let each = rates |> map(run)
print abs(each[1] - once) < 1e-5 * once and each[0] > each[1]

fn step(s, i) = {
  let some = d |> map(r => { r.s, r.x, k: r.id % 3 }) |> filter(r => r.k != i % 3) |> sort_by(.s)
  let net = train(M, some, loss: (m, r) => mse(m(r.x), [f32(length(r.s)) * s + f32(i)]), optimizer: sgd(0.01), batch: 8, epochs: 2, shuffle: false)
  s + mean(d, r => sum(net(r.x))) / 100
}
print folded = fold(range(3), 0.01, step)
print beside = step(step(step(0.01, 0), 1), 2)

//= run
// true
// folded = 0.030730981
// beside = 0.030730981
// stderr:
// epoch 1/3  loss 5.156  val.loss 4.232  val.off 1.762
// epoch 2/3  loss 2.785  val.loss 3.24  val.off 1.467
// epoch 3/3  loss 2.542  val.loss 2.916  val.off 1.384
// element 1/3  epoch 1/3  loss 6.386  val.loss 6.555  val.off 2.452
// element 1/3  epoch 2/3  loss 3.655  val.loss 4.5  val.off 1.869
// element 1/3  epoch 3/3  loss 2.93  val.loss 3.723  val.off 1.622
// element 2/3  epoch 1/3  loss 5.156  val.loss 4.232  val.off 1.762
// element 2/3  epoch 2/3  loss 2.785  val.loss 3.24  val.off 1.467
// element 2/3  epoch 3/3  loss 2.542  val.loss 2.916  val.off 1.384
// element 3/3  epoch 1/3  loss 4.461  val.loss 3.387  val.off 1.503
// element 3/3  epoch 2/3  loss 2.606  val.loss 2.847  val.off 1.368
// element 3/3  epoch 3/3  loss 2.362  val.loss 2.545  val.off 1.292
// epoch 1/2  loss 0.07447
// epoch 2/2  loss 0.004746
// epoch 1/2  step 4/4  loss 0.07447
// epoch 2/2  step 4/4  loss 0.004746
// epoch 1/2  loss 0.4169
// epoch 2/2  loss 0.2836
// epoch 1/2  step 4/4  loss 0.4169
// epoch 2/2  step 4/4  loss 0.2836
// epoch 1/2  loss 2.153
// epoch 2/2  loss 1.178
// epoch 1/2  step 4/4  loss 2.153
// epoch 2/2  step 4/4  loss 1.178
