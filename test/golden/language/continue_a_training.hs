// a net given to train goes on from its weights; by hand: 1 - 0.5, then - 0.25
model M(x: f32) -> f32 = {
  weight w: f32 = 1
  w * x
}
let once = train(M, rows([1.0]), loss: (m, x) => m(x), optimizer: sgd(0.5), batch: 1, steps: 1)
let again = train(once, rows([1.0]), loss: (m, x) => m(x), optimizer: sgd(0.25), batch: 1, steps: 1)
print once(1.0)
print again(1.0)

//= run
// 0.5
// 0.25
// stderr:
// epoch 1  step 1/1  loss 1
// epoch 1  step 1/1  loss 0.5
