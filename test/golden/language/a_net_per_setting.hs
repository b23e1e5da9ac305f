// a list of settings is unrolled: a training each; by hand 4 lr, of w and b
print map(grid({ lr: [0.125, 0.25] }), c => train(x => x |> dense(1, init: constant_init(0)), rows([[1.0]]),
  loss: (m, x) => sum((m(x) - x) ^ 2), optimizer: sgd(c.lr), batch: 1, epochs: 1)([1.0]))

//= run
// [[0.5], [1]]
// stderr:
// epoch 1/1  step 1/1  loss 1
// epoch 1/1  step 1/1  loss 1
