// each step of (w - 2)^2 by 0.25 halves the distance to 2: of 4 rows two epochs in halves are 4 steps; by hand
let d = rows(range(6)) |> filter(i => i > 1)
let n = count(d)
model M(x: i32) -> f32 = {
  weight w: f32 = 0
  w + 0 * x
}
fn off(m, x) = (m(x) - 2) ^ 2
print train(M, d, loss: off, optimizer: sgd(0.25), batch: div(n, 2), epochs: n - 2)(0)
print train(M, d, loss: off, optimizer: sgd(0.25), batch: count(d), steps: n - 1)(0)
print train(M, d, loss: off, optimizer: lbfgs(history: n), epochs: n - 3)(0)
print d |> map(i => hash(string(i), n)) |> all(h => h < n)

//= run
// 1.875
// 1.75
// 1
// true
// stderr:
// epoch 1/2  step 2/2  loss 2.5
// epoch 2/2  step 2/2  loss 0.1563
// epoch 1  step 1/3  loss 4
// epoch 2  step 2/3  loss 1
// epoch 3  step 3/3  loss 0.25
// epoch 1/1  loss 1
