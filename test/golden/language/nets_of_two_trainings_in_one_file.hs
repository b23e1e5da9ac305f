// In front of the path of a weight stands the key of its net; by hand: 1, 1.4, 2.68
model M(x: f32) -> f32 = {
  weight w: f32 = 1
  w * x
}
let d = rows([1.0, 2.0])
let a = train(M, d, loss: (m, x) => (m(x) - 3 * x)^2, optimizer: sgd(0.1), epochs: 1, shuffle: false, batch: 1)
save { a: a, b: init(M) } to "both.safetensors"
let both = load({ a: M, b: M }, "both.safetensors")
print [both.a(1.0), both.b(1.0)]
//= run
// [2.68, 1]
// stderr:
// epoch 1/1  step 2/2  loss 7.12
