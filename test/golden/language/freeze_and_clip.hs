// only b moves, and by no more than the norm 0.5 allows; by hand
model M(x: f32[2]) -> f32[2] = dense(x, 2, init: constant_init(1))
let d = rows([[1.0, 1.0]])
let net = train(M, d, loss: (m, x) => sum(m(x)), optimizer: sgd(1), batch: 1, steps: 1, freeze: ["*.w"], clip: 0.5)
print net([0.0, 0.0])
print net([1.0, 0.0])

//= run
// [-0.35355338, -0.35355338]
// [0.6464466, 0.6464466]
// stderr:
// epoch 1  step 1/1  loss 4
