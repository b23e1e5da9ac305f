// the gradient is 1, so w = 0 - the sum of the four rates; by hand
model M(x: f32) -> f32 = {
  weight w: f32 = 0
  w * x
}
fn after4(rate) = train(M, rows([1.0]), loss: (m, x) => m(x), optimizer: sgd(rate), batch: 1, steps: 4)(1.0)
print after4(1)
print after4(constant(0.5))
print after4(step_decay(1, every: 2, factor: 0.5))
print after4(exponential(1, 0.5))
print after4(inverse(1, gamma: 1, power: 1))
print after4(polynomial(1, steps: 4))
print after4(piecewise([2, 3], [1, 0.5, 0.25]))
print after4(t => if t.step < 1 then 1.0 else 0.0)

//= run
// -4
// -2
// -3
// -1.875
// -2.0833335
// -2.5
// -2.75
// -1
// stderr:
// epoch 1  step 1/4  loss 0
// epoch 2  step 2/4  loss -1
// epoch 3  step 3/4  loss -2
// epoch 4  step 4/4  loss -3
// epoch 1  step 1/4  loss 0
// epoch 2  step 2/4  loss -0.5
// epoch 3  step 3/4  loss -1
// epoch 4  step 4/4  loss -1.5
// epoch 1  step 1/4  loss 0
// epoch 2  step 2/4  loss -1
// epoch 3  step 3/4  loss -2
// epoch 4  step 4/4  loss -2.5
// epoch 1  step 1/4  loss 0
// epoch 2  step 2/4  loss -1
// epoch 3  step 3/4  loss -1.5
// epoch 4  step 4/4  loss -1.75
// epoch 1  step 1/4  loss 0
// epoch 2  step 2/4  loss -1
// epoch 3  step 3/4  loss -1.5
// epoch 4  step 4/4  loss -1.833
// epoch 1  step 1/4  loss 0
// epoch 2  step 2/4  loss -1
// epoch 3  step 3/4  loss -1.75
// epoch 4  step 4/4  loss -2.25
// epoch 1  step 1/4  loss 0
// epoch 2  step 2/4  loss -1
// epoch 3  step 3/4  loss -2
// epoch 4  step 4/4  loss -2.5
// epoch 1  step 1/4  loss 0
// epoch 2  step 2/4  loss -1
// epoch 3  step 3/4  loss -1
// epoch 4  step 4/4  loss -1
