// a layer called by name is an instance at its place, a lambda makes none
layer add_one(x: f32[n]) -> f32[n] = {
  weight b: f32[n] = 1
  x + b
}
model Siamese(x: f32[2]) -> f32[2] = {
  let enc = y => y |> add_one
  enc(x) - enc(2 * x)
}
model Twelve(x: f32[2]) -> f32[2] = x |> repeat(12, h => h |> add_one)
print init(Siamese)([1.0, 2.0])
print init(Twelve)([0.0, 0.0])

//= run
// [-1, -2]
// [12, 12]
//= weights
// Siamese (layers_share_and_repeat.hs:11:7)
// add_one1.b: f32[2]
//
// Twelve (layers_share_and_repeat.hs:12:7)
// repeat1.0.add_one1.b: f32[2]
// repeat1.1.add_one1.b: f32[2]
// repeat1.2.add_one1.b: f32[2]
// repeat1.3.add_one1.b: f32[2]
// repeat1.4.add_one1.b: f32[2]
// repeat1.5.add_one1.b: f32[2]
// repeat1.6.add_one1.b: f32[2]
// repeat1.7.add_one1.b: f32[2]
// repeat1.8.add_one1.b: f32[2]
// repeat1.9.add_one1.b: f32[2]
// repeat1.10.add_one1.b: f32[2]
// repeat1.11.add_one1.b: f32[2]
