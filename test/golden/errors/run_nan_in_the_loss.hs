// the slope of sqrt at 0 is infinite: the second record makes the weight NaN, the third the loss
layer size_of(x: f32) -> f32 = {
  weight w: f32 = 1
  sqrt((x * w) ^ 2)
}
model M(x: f32) -> f32 = size_of(x)
let net = train(M, rows([1.0, 0.0, 4.0]), loss: (m, x) => m(x), optimizer: sgd(0.1), batch: 1, epochs: 1, shuffle: false)
print net(1.0)

//= error
// error: loss is NaN at step 3: at step 2, first in size_of1.w's gradient or update
//   --> run_nan_in_the_loss.hs:4:9
//  4 |   sqrt((x * w) ^ 2)
//    |         ^^^^^
// note: loss is this
//   --> run_nan_in_the_loss.hs:7:49
// exit 1
