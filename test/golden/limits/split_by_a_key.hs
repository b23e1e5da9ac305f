let d = rows([1, 2, 3])
let parts = d |> split({ a: 0.5, b: 0.5 }, by: x => x)
print count(parts.a)

//= error
// limit: `by:` of split is not built yet
//   --> split_by_a_key.hs:2:48
//  2 | let parts = d |> split({ a: 0.5, b: 0.5 }, by: x => x)
//    |                                                ^^^^^^
// help: split without `by`: each row goes by its own number
// exit 2
