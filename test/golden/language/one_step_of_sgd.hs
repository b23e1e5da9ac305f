// w = 1, records 1 and 3, loss w x: the gradient is 2, w' = 1 - 0.125 * 2; one by one 1 - 0.125 - 0.375; by hand
model M(x: f32) -> f32 = {
  weight w: f32 = 1
  w * x
}
let net = train(M, rows([1.0, 3.0]), loss: (m, x) => m(x), optimizer: sgd(0.125), batch: 2, steps: 1)
print net(1.0)
let two = train(M, rows([1.0, 3.0]), loss: (m, x) => m(x), optimizer: sgd(0.125), batch: 1, epochs: 1, shuffle: false)
print two(1.0)

//= run
// 0.75
// 0.5
// stderr:
// epoch 1  step 1/1  loss 2
// epoch 1/1  step 2/2  loss 1.813
