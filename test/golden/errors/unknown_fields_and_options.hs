let r = { name: "a", size: 3 }
print r.nme
print drop(r, "sise")
let d = rows([1.0]) |> map(x => { x: x })
print d |> join(d |> map(r => { r.x, y: 1 }), on: "x", how: "iner")
print d |> map(.y)
model M(x: f32) -> f32 = reshape(x, [1]) |> dense(1) |> sum
print train(M, d, loss: (m, r) => m(r.x), optimizer: sgd(0.1), epochs: 1, keep: "bst")

//= error
// error: no field `nme` in r
//   --> unknown_fields_and_options.hs:2:9
//  2 | print r.nme
//    |         ^^^ did you mean `name`?
// note: fields: name, size
//
// error: no field `sise` in r
//   --> unknown_fields_and_options.hs:3:15
//  3 | print drop(r, "sise")
//    |               ^^^^^^ did you mean `size`?
// note: fields: name, size
//
// error: `how` of join cannot be "iner"
//   --> unknown_fields_and_options.hs:5:61
//  5 | print d |> join(d |> map(r => { r.x, y: 1 }), on: "x", how: "iner")
//    |                                                             ^^^^^^ did you mean `inner`?
// note: it is "inner", "left", "full", "semi" or "anti"
//
// error: no field `y` in a record of d
//   --> unknown_fields_and_options.hs:6:17
//  6 | print d |> map(.y)
//    |                 ^
// note: fields: x
//
// error: `keep` cannot be "bst"
//   --> unknown_fields_and_options.hs:8:81
//  8 | print train(M, d, loss: (m, r) => m(r.x), optimizer: sgd(0.1), epochs: 1, keep: "bst")
//    |                                                                                 ^^^^^ did you mean `best`?
// note: it is "last" or "best"
// exit 2
