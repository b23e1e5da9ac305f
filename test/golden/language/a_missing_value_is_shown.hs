// A value that may be missing prints as none, in a record too
let d: rdd { name: string, city: string?, n: i32? } = csv("../data/texts.csv")
let f = d |> filter(r => r.n == none) |> first
print f
print f.n
print { city: f.city ?? "?", n: first(d).n }
//= run
// { name: "with \"quotes\"", city: none, n: none }
// none
// { city: "?", n: 1 }
