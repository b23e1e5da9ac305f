let d = rows([3, 1, 2, 1, 3, 3]) |> map(x => { key: x, text: "a b" })
print d |> group_by(.key, g => { n: count(sample(g, 0.5, seed: i32(count(g)))) })
print d |> group_by(.key, g => { n: count(split(g, { a: 0.5, b: 0.5 }, by: r => r.key + i32(count(g))).a) })
print d |> map(r => { n: count(join(words(r.text) |> map(w => { w: w }), d, on: "w")) })

//= error
// error: `seed` hangs on the group, and chance gives the rows their numbers before they are grouped
//   --> draw_by_what_a_group_has.hs:2:58
//  2 | print d |> group_by(.key, g => { n: count(sample(g, 0.5, seed: i32(count(g)))) })
//    |                                                          ^^^^^^^^^^^^^^^^^^^
// help: one number for all groups: each record has a draw of its own
//
// error: `by` hangs on the group, and chance gives the rows their numbers before they are grouped
//   --> draw_by_what_a_group_has.hs:3:72
//  3 | print d |> group_by(.key, g => { n: count(split(g, { a: 0.5, b: 0.5 }, by: r => r.key + i32(count(g))).a) })
//    |                                                                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: a field of the record, or a function of such
//
// error: a list of a row is joined with a list or a group, `d` is an rdd { key: i32, text: string }
//   --> draw_by_what_a_group_has.hs:4:74
//  4 | print d |> map(r => { n: count(join(words(r.text) |> map(w => { w: w }), d, on: "w")) })
//    |                                                                          ^
// help: flat_map(..) makes rows of the elements, which join d
// exit 2
