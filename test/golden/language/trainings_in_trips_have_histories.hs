// a training whose epochs are counted has a history of so many rows in each trip: it can be collected
model M(x: f32[1]) -> f32[1] = dense(x, 1)
let data = rows([[1.0], [2.0], [3.0], [4.0]]) |> map(x => { x, y: 2 * x[0] })
fn fitted(rate) = train(M, data, loss: (m, r) => mse(m(r.x)[0], r.y), optimizer: sgd(rate), batch: 2, epochs: 3, validate: data)
let all = map(f32(range(3)), i => { let h = collect(history(fitted(0.02 * i)))
  { epochs: h.epoch, still: h.val.loss[0] == h.val.loss[2] } })
print all

//= run
// { epochs: [[1, 2, 3], [1, 2, 3], [1, 2, 3]], still: [true, false, false] }
// stderr:
// element 1/3  epoch 1/3  loss 23.17  val.loss 23.17
// element 1/3  epoch 2/3  loss 23.17  val.loss 23.17
// element 1/3  epoch 3/3  loss 23.17  val.loss 23.17
// element 2/3  epoch 1/3  loss 75.35  val.loss 18.63
// element 2/3  epoch 2/3  loss 13.77  val.loss 3.569
// element 2/3  epoch 3/3  loss 2.705  val.loss 0.8617
// element 3/3  epoch 1/3  loss 14.69  val.loss 0.1514
// element 3/3  epoch 2/3  loss 0.1482  val.loss 0.04689
// element 3/3  epoch 3/3  loss 0.04136  val.loss 0.03429
