// a lambda with layers is a model; a net in it is a constant; by hand: 2 * 3 - 0.5 * 3
model Fixed(x: f32) -> f32 = {
  weight w: f32 = 3
  w * x
}
layer scale(x: f32) -> f32 = {
  weight w: f32 = 2
  w * x
}
let fixed = init(Fixed)
let net = train(x => scale(fixed(x)), rows([1.0]), loss: (m, x) => m(x), optimizer: sgd(0.5), batch: 1, steps: 1)
print net(1.0)
print fixed(1.0)

//= run
// 1.5
// 3
// stderr:
// epoch 1  step 1/1  loss 6
