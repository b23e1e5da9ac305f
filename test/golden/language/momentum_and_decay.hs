// the gradient is 1: v = 1, 1.5, 1.75; w = 1 - 0.5 (1 + 1.5 + 1.75); by hand
model M(x: f32) -> f32 = {
  weight w: f32 = 1
  w * x
}
let d = rows([1.0])
fn with(optimizer) = train(M, d, loss: (m, x) => m(x), optimizer: optimizer, batch: 1, steps: 3)(1.0)
print with(sgd(0.5, momentum: 0.5))
print with(sgd(0.5, momentum: 0.5, nesterov: true))
print with(sgd(0.5, decay: 1))

//= run
// -1.125
// -1.5625
// -0.75
// stderr:
// epoch 1  step 1/3  loss 1
// epoch 2  step 2/3  loss 0.5
// epoch 3  step 3/3  loss -0.25
// epoch 1  step 1/3  loss 1
// epoch 2  step 2/3  loss 0.25
// epoch 3  step 3/3  loss -0.625
// epoch 1  step 1/3  loss 1
// epoch 2  step 2/3  loss 0
// epoch 3  step 3/3  loss -0.5
