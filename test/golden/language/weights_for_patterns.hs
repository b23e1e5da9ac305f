// only biases move; by hand
model M(x: f32[1]) -> f32[1] = dense(x, 1, init: constant_init(1))
let net = train(M, rows([[1.0]]), loss: (m, x) => sum(m(x)), optimizer: for_weights("*.b", sgd(0.5), otherwise: sgd(0.0)), batch: 1, steps: 1)
print net([0.0])
print net([1.0])

//= run
// [-0.5]
// [0.5]
// stderr:
// epoch 1  step 1/1  loss 1
