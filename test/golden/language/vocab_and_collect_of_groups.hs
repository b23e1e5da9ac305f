// vocab of a group and of a list in a row, collect of the first records, groups of lists by keys of which some miss; by hand
let sales: rdd { id: i32, user: string, at: time, price: f64, pieces: i32, note: string? } = csv("../data/sales.csv")
print sales |> group_by(.user, g => { let v = vocab(g, .note)
  { v.size, i: v.index("gift"), no: v.index("?"), of: map(g, r => v.index(r.note)), counts: v.counts, first: v.value(0), all: map(g, r => v.value(v.index(r.note))) } })
print sales |> group_by(.user, g => { let v = vocab(g |> flat_map(r => words(lower(r.note ?? ""))), min_count: 1, max: 3)
  { v.size, i: v.index("gift"), v.counts } })
print sales |> group_by(.user, g => { by: g |> group_by(.note, h => { n: count(h), ids: map(h, .id) }) }) |> flat_map(r => r.by |> map(b => { r.user, b.note, b.n, b.ids }))
print collect(take(sales |> group_by(.user, g => { x: collect(take(g |> map(r => { r.price, r.user }), 1)).price }), 3)).x
//= run
// user  size  i  no  of         counts     first  all
// ann      3  1   0  [2, 1, 1]  [0, 2, 1]         ["two, please", "gift", "gift"]
// bob      1  0   0  [0, 0]     [2]               ["", ""]
// cid      2  0   0  [1]        [0, 1]            ["GIFT wrap"]
// user  size  i  counts
// ann      3  1  [1, 2, 1]
// bob      1  0  [0]
// cid      3  1  [0, 1, 1]
// user  note         n  ids
// ann   gift         2  [3, 6]
// ann   two, please  1  [1]
// bob   none         2  [2, 5]
// cid   GIFT wrap    1  [4]
// [[2.5], [10], [7]]
