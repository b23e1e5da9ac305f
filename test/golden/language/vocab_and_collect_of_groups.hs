// vocab of a group and of a list in a row, collect of the first records, groups of lists by keys of which some miss; by hand
let sales: rdd { id: i32, user: string, at: time, price: f64, pieces: i32, note: string? } = csv("../data/sales.csv")
print sales |> group_by(.user, g => { let v = vocab(g, .note)
  { v.size, i: v.index("gift"), no: v.index("?"), of: map(g, r => v.index(r.note)), counts: v.counts, first: v.value(0), all: map(g, r => v.value(v.index(r.note))) } })
print sales |> group_by(.user, g => { let v = vocab(g |> flat_map(r => words(lower(r.note ?? ""))), min_count: 1, max: 3)
  { v.size, i: v.index("gift"), v.counts } })
print sales |> group_by(.user, g => { by: g |> group_by(.note, h => { n: count(h), ids: map(h, .id) }) }) |> flat_map(r => r.by |> map(b => { r.user, b.note, b.n, b.ids }))
print collect(take(sales |> group_by(.user, g => { x: collect(take(g, 1)).price }), 3)).x
//= run
// stderr:
// error: a tensor holds numbers, take(g, 1) |> map(.user) is list string
//   --> vocab_and_collect_of_groups.hs:8:63
//  8 | print collect(take(sales |> group_by(.user, g => { x: collect(take(g, 1)).price }), 3)).x
//    |                                                               ^^^^^^^^^^
// exit 2
