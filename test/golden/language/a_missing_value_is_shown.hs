// A value that may be missing prints as none, in a record too
let d: rdd { name: string, city: string?, n: i32? } = csv("../data/texts.csv")
let f = d |> filter(r => r.n == none) |> first
print f
print f.n
print { city: f.city ?? "?", first(d).n }
//= run
// stderr:
// error: a field of a record has a name
//   --> a_missing_value_is_shown.hs:6:35
//  6 | print { city: f.city ?? "?", first(d).n }
//    |                                   ^
// help: name: first(d).n
// exit 2
