// what a loss sees of its step, in the order of the step: neighbours, turns, windows, how many; the gradient of all of them at w = 1; by NumPy
model M(x: f32) -> f32 = {
  weight w: f32 = 1
  w * x
}
let d = rows([1.0, 2.0, 4.0, 5.0, 7.0, 9.0])
fn slope(loss) = 1 - train(M, d, loss: (m, x) => loss(over_batch(m(x))) + 0 * m(x), optimizer: sgd(1.0), batch: 8, epochs: 1, shuffle: false)(1.0)
print slope(b => sum(b[1:] * b[:-1]))
print slope(b => sum(flip(b, 0) * b))
print slope(b => sum(roll(b, 2, 0) * b^2))
print slope(b => sum(window(b, 3)^2))
print slope(b => sum(sum(window(pad(b, [1]), 3), axis: -1)^2))
print slope(b => sum(tile(b, [2]) * range(2 * shape(b)[0])) / size(b))

//= run
// 256
// 172
// 2130
// 622
// 2264
// 60.666664
// stderr:
// epoch 1/1  step 1/1  loss 128
// epoch 1/1  step 1/1  loss 86
// epoch 1/1  step 1/1  loss 710
// epoch 1/1  step 1/1  loss 311
// epoch 1/1  step 1/1  loss 1132
// epoch 1/1  step 1/1  loss 60.67
