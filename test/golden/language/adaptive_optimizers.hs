// where the gradient is 1 at each of 2 steps; figures: the formulas in NumPy, f32
model M(x: f32) -> f32 = {
  weight w: f32 = 0
  w * x
}
fn after2(optimizer) = train(M, rows([1.0]), loss: (m, x) => m(x), optimizer: optimizer, batch: 1, steps: 2)(1.0)
print after2(adam(0.1))
print after2(adamw(0.1, decay: 0))
print after2(adagrad(0.1))
print after2(rmsprop(0.1, decay: 0.75))
print after2(adadelta(1.0))

//= run
// -0.20000002
// -0.20000002
// -0.17071068
// -0.3511858
// -0.009001154
// stderr:
// epoch 1  step 1/2  loss 0
// epoch 2  step 2/2  loss -0.1
// epoch 1  step 1/2  loss 0
// epoch 2  step 2/2  loss -0.1
// epoch 1  step 1/2  loss 0
// epoch 2  step 2/2  loss -0.1
// epoch 1  step 1/2  loss 0
// epoch 2  step 2/2  loss -0.2
// epoch 1  step 1/2  loss 0
// epoch 2  step 2/2  loss -0.004472
