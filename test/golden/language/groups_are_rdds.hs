// The records of a group in order, cut, joined, numbered, grouped again; by DuckDB
let sales: rdd { id: i32, user: string, at: time, price: f64, pieces: i32, note: string? } = csv("../data/sales.csv")
print sales |> group_by(.user, g => { dear: max_by(g, .price).id, top: g |> sort_by(.price, descending: true) |> take(2) |> map(.id), first: first(g |> sort_by(.at)).id })
print sales |> group_by(.user, g => { words: g |> flat_map(r => words(lower(r.note ?? ""))) |> distinct, both: union(map(g, .id), map(g, .pieces)) })
print sales |> group_by(.user, g => { many: g |> group_by(r => r.pieces > 1, h => { n: count(h), paid: sum(h, .price) }) })
print sales |> group_by(.user, g => { places: g |> zip_index |> map(.index), so: scan(map(g, .price), 0.0, (s, x) => s + x), last: reduce(map(g, .id), (a, b) => b) })
print sales |> group_by(.user, g => { pairs: map(window(map(g, .price), 2), x => x[1] - x[0]), all: fold(map(g, .user), "", (s, u) => s + u) })
//= run
// user  dear  top     first
// ann      6  [6, 1]      3
// bob      2  [2, 5]      2
// cid      4  [4]         4
// user  words                       both
// ann   ["two,", "please", "gift"]  [1, 3, 6, 4, 2, 1]
// bob   []                          [2, 5, 1, 8]
// cid   ["gift", "wrap"]            [4, 3]
// user  many
// ann   [{ key: false, n: 1, paid: 3 }, { key: true, n: 2, paid: 3.…
// bob   [{ key: false, n: 1, paid: 10 }, { key: true, n: 1, paid: 0…
// cid   [{ key: true, n: 1, paid: 7 }]
// user  places     so                 last
// ann   [0, 1, 2]  [2.5, 3.75, 6.75]     6
// bob   [0, 1]     [10, 10.5]            5
// cid   [0]        [7]                   4
// user  pairs          all
// ann   [-1.25, 1.75]  annannann
// bob   [-9.5]         bobbob
// cid   []             cid
