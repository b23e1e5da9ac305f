// Sums of tensors element by element, of records leaf by leaf, and what a kernel computes of each record; by NumPy
let sales: rdd { id: i32, user: string, at: time, price: f64, pieces: i32, note: string? } = csv("../data/sales.csv")
let v = sales |> map(r => { r.user, x: [r.price, f64(r.pieces)], p: argmax([r.price, f64(r.pieces)]) })
print v |> group_by(.user, g => { s: sum(g, .x), m: mean(g, .x), v: var(g, .x), l: max(g, .x), f: first(g).x })
print v |> group_by(.user, g => { c: confusion(g, .p, r => i32(r.x[0] > 2), 2), by: mean_by(g, .p, 2, r => r.x[0]), r: sum(g, r => { a: r.x[0], b: dot(r.x, [1.0, 10]) }) })
print v |> group_by(.user, g => { x: pad_to(map(g, .x), 2), n: map(g, r => r.x * 2) })
//= run
// user  s          m                           v                                         l        f
// ann   [6.75, 7]  [2.25, 2.3333333333333335]  [0.5416666666666666, 1.5555555555555554]  [3, 4]   [2.5, 4]
// bob   [10.5, 9]  [5.25, 4.5]                 [22.5625, 12.25]                          [10, 8]  [10, 1]
// cid   [7, 3]     [7, 3]                      [0, 0]                                    [7, 3]   [7, 3]
// user  c                 by            r.a     r.b
// ann   [[0, 1], [1, 1]]  [3, 1.875]   6.75   76.75
// bob   [[0, 1], [1, 0]]  [10, 0.5]   10.5   100.5
// cid   [[0, 0], [1, 0]]  [7, nan]     7      37
// user  x                      n
// ann   [[2.5, 4], [1.25, 2]]  [[5, 8], [2.5, 4], [6, 2]]
// bob   [[10, 1], [0.5, 8]]    [[20, 2], [1, 16]]
// cid   [[7, 3], [0, 0]]       [[14, 6]]
