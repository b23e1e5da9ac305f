// the gradient is 1 in each of 3 steps: w = 1 - (1 + 2 + 3); by hand
let counting = {
  init: w => zeros(shape(w)),
  step: (w, g, s, t) => { w: w - g * (s + 1), s: s + 1 },
}
model M(x: f32) -> f32 = {
  weight w: f32 = 1
  w * x
}
let net = train(M, rows([1.0]), loss: (m, x) => m(x), optimizer: counting, batch: 1, steps: 3)
print net(1.0)

//= run
// -5
// stderr:
// epoch 1  step 1/3  loss 1
// epoch 2  step 2/3  loss 0
// epoch 3  step 3/3  loss -2
