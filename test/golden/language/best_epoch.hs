// the loss (w - 1)^2 with steps of 3 goes astray: the first epoch was the best; by hand
model M(x: f32) -> f32 = {
  weight w: f32 = 2
  w + x
}
let d = rows([0.0])
let last = train(M, d, loss: (m, x) => (m(x) - 1) ^ 2, optimizer: sgd(1.5), batch: 1, epochs: 3)
let best = train(M, d, loss: (m, x) => (m(x) - 1) ^ 2, optimizer: sgd(1.5), batch: 1, epochs: 3, validate: d, keep: "best")
print last(0.0)
print best(0.0)

//= run
// -7
// -1
// stderr:
// epoch 1/3  step 1/1  loss 1
// epoch 2/3  step 1/1  loss 4
// epoch 3/3  step 1/1  loss 16
// epoch 1/3  loss 1  val.loss 4
// epoch 2/3  loss 4  val.loss 16
// epoch 3/3  loss 16  val.loss 64
