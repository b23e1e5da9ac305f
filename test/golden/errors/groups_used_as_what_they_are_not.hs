// a field of all records, a join with what is no list, tensors of no known length, keys of a list's elements; a value that may be missing for a number
let d = rows(range(12)) |> map(x => { x, k: x % 2, s: string(x), m: if x == 1 then none else i64(x) })
print d |> group_by(.k, g => { n: join(g, d, on: "s") |> count })
print d |> group_by(.k, g => { n: join(g, g, on: "s") |> count })
print d |> group_by(.k, g => { x: g.x })
print d |> group_by(.k, g => { x: collect(g) })
print d |> map(r => { l: words(r.s) }) |> map(r => split(r.l, { a: 0.5, b: 0.5 }, by: x => x).a)
fn half(x: f32) = x / 2
print d |> map(r => half(r.m))
print d |> group_by(.k, g => { x: vocab(g, .x).size })
//= error
// error: each group is joined with a list or a group, `d` is an rdd { x: i32, k: i32, s: string, m: i64? }
//   --> groups_used_as_what_they_are_not.hs:3:43
//  3 | print d |> group_by(.k, g => { n: join(g, d, on: "s") |> count })
//    |                                           ^
// help: join(d, .., on: ..) before the group_by
//
// error: both sides of the join have a column `x`
//   --> groups_used_as_what_they_are_not.hs:4:35
//  4 | print d |> group_by(.k, g => { n: join(g, g, on: "s") |> count })
//    |                                   ^^^^^^^^^^^^^^^^^^^
// help: rename(g, { x: "other_x" })
//
// error: `.x` needs a record, this is the records of a group
//   --> groups_used_as_what_they_are_not.hs:5:37
//  5 | print d |> group_by(.k, g => { x: g.x })
//    |                                     ^
// help: of all of them: mean(g, .x), map(g, .x); of the first: first(g).x
//
// error: collect makes a tensor, and each of these lists has a length of its own
//   --> groups_used_as_what_they_are_not.hs:6:43
//  6 | print d |> group_by(.k, g => { x: collect(g) })
//    |                                           ^
// help: collect(take(g, 8)) of the first 8, or pad_to(g, 8)
//
// error: `by` of split is of the rows of an rdd and the records of a group, this is list string
//   --> groups_used_as_what_they_are_not.hs:7:83
//  7 | print d |> map(r => { l: words(r.s) }) |> map(r => split(r.l, { a: 0.5, b: 0.5 }, by: x => x).a)
//    |                                                                                   ^^^^^^^^^^
//
// error: x: f32 cannot take r.m: i64?
//   --> groups_used_as_what_they_are_not.hs:9:26
//  9 | print d |> map(r => half(r.m))
//    |                          ^^^
// note: declared here
//   --> groups_used_as_what_they_are_not.hs:8:1
//  8 | fn half(x: f32) = x / 2
// help: f32(r.m ?? 0), or drop_missing before it
//
// error: vocab goes over strings, this is list i32
//   --> groups_used_as_what_they_are_not.hs:10:44
// 10 | print d |> group_by(.k, g => { x: vocab(g, .x).size })
//    |                                            ^^
// exit 2
