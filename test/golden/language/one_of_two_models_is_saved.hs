// a model that was trained beside another has its own names again, in its file and where it goes on alone
model Half(x: f32) -> f32 = {
  weight w: f32 = 1
  x * w
}
model Whole(x: f32) -> f32 = {
  weight w: f32 = 1
  x + w
}
let both = train({ a: Half, b: Whole }, rows([2.0]), loss: (m, x) => m.b(m.a(x)), optimizer: sgd(0.25), batch: 1, epochs: 1)
save both.a to "half.safetensors"
save both to "both.safetensors"
print load(Half, "half.safetensors")(1.0)
print load({ a: Half, b: Whole }, "both.safetensors").b(0.0)

//= run
// 0.5
// 0.75
// stderr:
// epoch 1/1  step 1/1  loss 3
