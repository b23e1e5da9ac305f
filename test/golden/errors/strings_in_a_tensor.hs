let people = csv("../data/table.csv")
let texts = text("../data/texts.csv")
model M(x: f32[2]) -> f32 = x |> dense(1) |> sum
let net = init(M)
print people |> map(r => vector(r))
print people |> map(r => [r.name, r.cost])
print people |> map(r => net([r.name, "b"]))
print people |> map(r => sqrt(r.name))
print texts |> map(s => pad_to(words(s), 3))
print concat(["a", "b"])
print people |> map(r => { r.name, r.cost }) |> window(2)
print zeros([2]) + "a"

//= error
// error: r.speed may be missing (i64?), and `vector` needs numbers
//   --> strings_in_a_tensor.hs:5:33
//  5 | print people |> map(r => vector(r))
//    |                                 ^
// help: speed: r.speed ?? 0, or |> drop_missing before this map
//
// error: a tensor holds numbers, r.name is string
//   --> strings_in_a_tensor.hs:6:27
//  6 | print people |> map(r => [r.name, r.cost])
//    |                           ^^^^^^
// help: let names = people |> vocab(.name)   then names.index(r.name), or one_hot(names.index(r.name), names.size)
//
// error: x: f32[2] cannot take [r.name, "b"]: a list of 2
//   --> strings_in_a_tensor.hs:7:30
//  7 | print people |> map(r => net([r.name, "b"]))
//    |                              ^^^^^^^^^^^^^
// note: declared here
//   --> strings_in_a_tensor.hs:3:1
//  3 | model M(x: f32[2]) -> f32 = x |> dense(1) |> sum
//
// error: sqrt needs a tensor, this is string
//   --> strings_in_a_tensor.hs:8:31
//  8 | print people |> map(r => sqrt(r.name))
//    |                               ^^^^^^
// help: let names = people |> vocab(.name)   then names.index(r.name), or one_hot(names.index(r.name), names.size)
//
// error: a tensor holds numbers, words(s) is list string
//   --> strings_in_a_tensor.hs:9:32
//  9 | print texts |> map(s => pad_to(words(s), 3))
//    |                                ^^^^^^^^
// help: |> map(terms.index) before it, of let terms = vocab(..)
//
// error: concat needs a list of tensors, this has a string
//   --> strings_in_a_tensor.hs:10:14
// 10 | print concat(["a", "b"])
//    |              ^^^^^^^^^^
//
// error: a window makes tensors, and `name` is string
//   --> strings_in_a_tensor.hs:11:7
// 11 | print people |> map(r => { r.name, r.cost }) |> window(2)
//    |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: leave name out in a map before it
//
// error: `+` joins strings, this is f32[2]
//   --> strings_in_a_tensor.hs:12:7
// 12 | print zeros([2]) + "a"
//    |       ^^^^^^^^^^
// exit 2
