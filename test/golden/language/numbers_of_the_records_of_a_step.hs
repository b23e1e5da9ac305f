// how many records a step has is computed with as any other number: the weight moves by its slope, which is f of 13, then of 7
model Moved(x: f32) -> f32 = {
  weight by: f32 = 0
  by + x
}
fn slopes(f) = round(100 * train(Moved, rows(f32(range(20))), loss: (m, x) => m(x) * f(shape(over_batch(x))[0]),
  optimizer: sgd(1.0), batch: 13, epochs: 1, shuffle: false)(0.0)) / 100
print thirds = slopes(n => f32(div(n, 3)))
print rest = slopes(n => f32(n % 5))
print line = slopes(n => 0.25 * n + 0.5)
print square = slopes(n => f32(n * n))
print windows = slopes(n => f32(shape(window(over_batch([1.0]), 3, stride: 4, axis: 0))[0]))

//= run
// thirds = -6
// rest = -5
// line = -6
// square = -218
// windows = -5
// stderr:
// epoch 1/1  step 2/2  loss 24
// epoch 1/1  step 2/2  loss 20.8
// epoch 1/1  step 2/2  loss 24.27
// epoch 1/1  step 2/2  loss -1965
// epoch 1/1  step 2/2  loss 20.8
