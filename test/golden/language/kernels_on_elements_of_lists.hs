// What only kernels compute of the elements of a row's list, of lists in them, of a group's records in order; by NumPy, and by rows of elements
let sales: rdd { id: i32, user: string, price: f64, pieces: i32, note: string? } = csv("../data/sales.csv")
model Net(x: f32[2]) -> f32[2] = tanh(dense(x, 2))
let net = init(Net, seed: 3)
let items = sales |> map(r => { r.user, x: [f32(r.price), f32(r.pieces)], words: words(lower(r.note ?? "")) })
let o = items |> group_by(.user, g => { n: f32(count(g)), items: map(g, r => { r.x, r.words }) })
let w = [[1.0, -2.0], [0.5, 3.0]]
print o |> map(r => { r.user, sum: sum(r.items, i => i.x @ w), each: map(r.items, i => (i.x @ w)[1] / r.n), none: r.items |> filter(i => (i.x @ w)[0] > 100) |> count })
print o |> map(r => { of: map(r.items, i => map(i.words, a => (i.x @ w)[0] * f32(length(a)))), by: r.items |> sort_by(i => (i.x @ w)[1]) |> map(i => i.x[0]) })
let rowwise = items |> group_by(.user, g => { y: mean(g, r => net(r.x)[0]) })
print o |> map(r => { r.user, a: mean(r.items, i => net(i.x)[0]), s: fold(r.items, 0.0, (s, i) => s + net(i.x)[0]) / r.n }) |> join(rowwise, on: "user") |> map(r => { same: r.a == r.y, close: abs(r.s - r.y) < 1e-6 })
print sales |> group_by(.user, g => { best: max_by(g |> sort_by(.price), r => -net([f32(r.price), f32(r.pieces)])[0]).price })
print o |> filter(r => any(r.items, i => (i.x @ w)[0] < 8)) |> map(.user)
//= run
// user  sum           each                        none
// ann   [10.25, 7.5]  [2.3333333, 1.1666666, -1]     0
// bob   [15, 6]       [-8.5, 11.5]                   0
// cid   [8.5, -5]     [-5]                           0
// of                     by
// [[18, 27], [9], [14]]  [3, 1.25, 2.5]
// [[], []]               [10, 0.5]
// [[34, 34]]             [7]
// same  close
// true   true
// true   true
// true   true
// user  best
// ann    2.5
// bob   10
// cid    7
// ann
// bob
