let sales: rdd { id: i32, price: f64, note: string? } = csv("../data/sales.csv")
print sales |> map(r => { "a.b": r.id, a: { b: r.price } })
print sales |> map(r => { r.note, "note.value": r.price })
print sales |> group_by(.note, g => { "x.n": count(g), x: { n: sum(g, .id) } })

//= error
// error: `a.b` would be two columns: one of this name, and one within `a`
//   --> two_columns_of_one_name.hs:2:20
//  2 | print sales |> map(r => { "a.b": r.id, a: { b: r.price } })
//    |                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: another name for one of them
//
// error: `note.value` would be two columns: one of this name, and one within `note`
//   --> two_columns_of_one_name.hs:3:20
//  3 | print sales |> map(r => { r.note, "note.value": r.price })
//    |                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: another name for one of them
//
// error: `x.n` would be two columns: one of this name, and one within `x`
//   --> two_columns_of_one_name.hs:4:32
//  4 | print sales |> group_by(.note, g => { "x.n": count(g), x: { n: sum(g, .id) } })
//    |                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: another name for one of them
// exit 2
