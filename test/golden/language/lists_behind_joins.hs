// Lists of the side that a row may lack: missing, chosen, dropped, saved; pyarrow reads the same of the saved ones
let sales: rdd { id: i32, user: string, at: time, price: f64, pieces: i32, note: string? } = csv("../data/sales.csv")
let a = rows([1, 2, 3, 4, 5, 6, 7]) |> map(x => { id: x, t: { u: x * 2, w: words("a b") } })
let b = sales |> filter(r => r.id != 2) |> map(r => { r.id, words: words(lower(r.note ?? "")), more: { l: [{ x: r.price, s: r.user }], v: [1.0, 2.0] }, r.note })
let j = a |> join(b, on: "id", how: "left")
print j
print j |> map(r => { r.id, n: length(r.words ?? []), has: r.words != none })
print j |> map(r => { n: length(r.words ?? ["none"]), l: length((r.words ?? ["none", "at all"])) })
print j |> drop_missing |> map(r => { r.id, r.words, r.more })
print j |> filter(r => r.words == none) |> map(.id)
let f = b |> join(rows([5, 9]) |> map(x => { id: x, z: words("q r"), y: [x, x] }), on: "id", how: "full")
print f
print f |> map(r => { s: map(r.z ?? ["?"], upper), m: mean(r.more.l ?? [{ x: 0.0, s: "" }], .x) })
save f |> map(r => { r.id, r.z, r.words }) to "x.json"
print f |> group_by(r => r.z == none, g => { n: count(g), w: flat_map(g, r => r.words ?? ["x"]) })
print f |> flat_map(r => r.words ?? ["m"])
//= run
// id  t.u  t.w         words               more.l                   more.v  note
//  1    2  ["a", "b"]  ["two,", "please"]  [{ x: 2.5, s: "ann" }]   [1, 2]  two, please
//  2    4  ["a", "b"]  none                none                     none    none
//  3    6  ["a", "b"]  ["gift"]            [{ x: 1.25, s: "ann" }]  [1, 2]  gift
//  4    8  ["a", "b"]  ["gift", "wrap"]    [{ x: 7, s: "cid" }]     [1, 2]  GIFT wrap
//  5   10  ["a", "b"]  []                  [{ x: 0.5, s: "bob" }]   [1, 2]  none
//  6   12  ["a", "b"]  ["gift"]            [{ x: 3, s: "ann" }]     [1, 2]  gift
//  7   14  ["a", "b"]  none                none                     none    none
// id  n    has
//  1  2   true
//  2  0  false
//  3  1   true
//  4  2   true
//  5  0   true
//  6  1   true
//  7  0  false
// n  l
// 2  2
// 1  2
// 1  1
// 2  2
// 0  0
// 1  1
// 1  2
// id  words               more.l                   more.v
//  1  ["two,", "please"]  [{ x: 2.5, s: "ann" }]   [1, 2]
//  3  ["gift"]            [{ x: 1.25, s: "ann" }]  [1, 2]
//  4  ["gift", "wrap"]    [{ x: 7, s: "cid" }]     [1, 2]
//  6  ["gift"]            [{ x: 3, s: "ann" }]     [1, 2]
// 2
// 7
// id  words               more.l                   more.v  note         z           y
//  1  ["two,", "please"]  [{ x: 2.5, s: "ann" }]   [1, 2]  two, please  none        none
//  3  ["gift"]            [{ x: 1.25, s: "ann" }]  [1, 2]  gift         none        none
//  4  ["gift", "wrap"]    [{ x: 7, s: "cid" }]     [1, 2]  GIFT wrap    none        none
//  5  []                  [{ x: 0.5, s: "bob" }]   [1, 2]  none         ["q", "r"]  [5, 5]
//  6  ["gift"]            [{ x: 3, s: "ann" }]     [1, 2]  gift         none        none
//  9  none                none                     none    none         ["q", "r"]  [9, 9]
// s              m
// ["?"]       2.5
// ["?"]       1.25
// ["?"]       7
// ["Q", "R"]  0.5
// ["?"]       3
// ["Q", "R"]  0
//   key  n  w
// false  2  ["x"]
//  true  4  ["two,", "please", "gift", "gift", "wrap", "gift"]
// two,
// please
// gift
// gift
// wrap
// gift
// m
