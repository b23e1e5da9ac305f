// A row per key, in the order of the keys; by hand
let sales: rdd { id: i32, user: string, at: time, price: f64, pieces: i32, note: string? } = csv("../data/sales.csv")
print sales |> group_by(.user, g => {
  n: count(g), paid: sum(g, r => r.price * f64(r.pieces)), last: max(g, .at), first: first(g).id,
  notes: g |> filter(r => r.note != none) |> count, kinds: count_distinct(g, .note), gifts: mean(g, r => (r.note ?? "") == "gift") })
print sales |> group_by(r => { year: year(r.at), r.user }, g => { n: count(g), most: max(g, .price) })
print sales |> group_by(.note, g => { n: count(g) })
print sales |> group_by(r => r.price > 2, g => { all: all(g, r => r.pieces < 8), any: any(g, r => r.pieces > 3) })
//= run
// user  n  paid  last                 first  notes  kinds     gifts
// ann   3  15.5  2025-03-09 00:00:00      1      3      2  0.666667
// bob   2  14    2025-03-09 00:00:00      2      0      0  0
// cid   1  21    2025-02-01 00:00:00      4      1      1  0
// year  user  n   most
// 2024  ann   1   1.25
// 2025  ann   2   3
// 2025  bob   2  10
// 2025  cid   1   7
// note         n
// GIFT wrap    1
// gift         2
// two, please  1
// none         2
//   key    all   any
// false  false  true
//  true   true  true
