let d = rows([1.0, 2.0]) |> map(x => { k: 1, x: x })
let keys = rows([1, 2]) |> map(k => { k: k })
print grad(w => d |> map(r => { r.k, v: r.x * w }) |> group_by(.k, g => { s: sum(g, .v) }) |> sum(.s))(2.0)
print grad(w => d |> map(r => { r.k, v: r.x * w }) |> join(keys, on: "k") |> sum(.v))(2.0)
print grad(w => d |> map(r => r.x * w) |> sort_by(x => x) |> sum)(2.0)

//= error
// error: no gradient flows through group_by
//   --> gradients_through_tables.hs:3:55
//  3 | print grad(w => d |> map(r => { r.k, v: r.x * w }) |> group_by(.k, g => { s: sum(g, .v) }) |> sum(.s))(2.0)
//    |                                                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// note: differentiated here
//   --> gradients_through_tables.hs:3:7
// help: stop_gradient(..) of it where none is meant; sum and mean of an rdd have one
//
// error: no gradient flows through a join
//   --> gradients_through_tables.hs:4:55
//  4 | print grad(w => d |> map(r => { r.k, v: r.x * w }) |> join(keys, on: "k") |> sum(.v))(2.0)
//    |                                                       ^^^^^^^^^^^^^^^^^^^
// note: differentiated here
//   --> gradients_through_tables.hs:4:7
// help: stop_gradient(..) of it where none is meant; sum and mean of an rdd have one
//
// error: no gradient flows through sort_by
//   --> gradients_through_tables.hs:5:43
//  5 | print grad(w => d |> map(r => r.x * w) |> sort_by(x => x) |> sum)(2.0)
//    |                                           ^^^^^^^^^^^^^^^
// note: differentiated here
//   --> gradients_through_tables.hs:5:7
// help: stop_gradient(..) of it where none is meant; sum and mean of an rdd have one
// exit 2
