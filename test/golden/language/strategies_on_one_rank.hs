// with one rank each strategy is the identity
model M(x: f32) -> f32 = {
  weight w: f32 = 1
  w * x
}
fn with(s) = train(M, rows([1.0, 2.0, 4.0]), loss: (m, x) => m(x) ^ 2,
  optimizer: sgd(0.25), batch: 2, epochs: 2, shuffle: false, strategy: s)(1.0)
print with(all_reduce())
print with(average(every: 2))
print with(easgd(every: 2))

//= run
// 3.0625
// 3.0625
// 3.0625
// stderr:
// epoch 1/2  step 2/2  loss 2
// epoch 2/2  step 2/2  loss 6.125
// epoch 1/2  step 2/2  loss 2
// epoch 2/2  step 2/2  loss 6.125
// epoch 1/2  step 2/2  loss 2
// epoch 2/2  step 2/2  loss 6.125
