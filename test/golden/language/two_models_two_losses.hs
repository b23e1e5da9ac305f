// each key steps its own model: a by -1, then b sees the new a; by hand
model A(x: f32) -> f32 = {
  weight w: f32 = 3
  w * x
}
let nets = train({ a: A, b: A }, rows([1.0]),
  loss: { a: (m, x) => m.a(x), b: (m, x) => m.a(x) * m.b(x) },
  optimizer: sgd(1.0), batch: 1, steps: 1)
print nets.a(1.0)
print nets.b(1.0)

//= run
// 2
// 1
// stderr:
// epoch 1  step 1/1  loss.a 3  loss.b 6
