// Tables hold halves: ordered, grouped, joined, beside texts and in lists; what is computed of them is rounded as in kernels
let sales: rdd { id: i32, user: string, price: f16 } = csv("../data/sales.csv")
let d = sales |> map(r => { r.id, r.user, h: r.price / 3 })
print d |> sort_by(.h, descending: true) |> take(2)
print d |> group_by(.user, g => { sum: sum(g, .h), mean: mean(g, .h), squares: sum(g, r => r.h * r.h), most: max(g, .h), all: g |> map(r => r.h * 3) })
print d |> map(r => { r.id, r.h }) |> join(d |> filter(r => r.h > 1) |> map(r => { r.id, shown: string(r.h), twice: r.h + r.h }), on: "id")
print d |> filter(r => r.user != "bob") |> map(r => { t: r.user + ":" + string(f32(r.h) * 2), v: [r.h, 2 * r.h] }) |> take(2)
print distinct(d |> map(.h)) |> count
print rows(words(first(d).user + " 1.1 2049")) |> map(w => f16(w) ?? f16(0.1)) |> map(x => { x, square: x * x })
print d |> map(r => { r.h }) |> window(2, stride: 4) |> map(r => { r.h, total: sum(r.h) })
let h = collect(d).h
print fold(h, "", (s, x) => s + string(x) + " ")
print sum(h)
//= run
// id  user      h
//  2  bob   3.334
//  4  cid   2.334
// user    sum   mean  squares   most  all
// ann   2.25   0.75    1.8682  1      [2.5, 1.25, 3]
// bob   3.5    1.75   11.148   3.334  [10, 0.5]
// cid   2.334  2.334   5.4492  2.334  [7]
// id      h  shown      twice
//  2  3.334  3.3339844  6.668
//  4  2.334  2.3339844  4.668
// t              v
// ann:1.6669922  [0.8335, 1.667]
// ann:0.8334961  [0.4167, 0.8335]
// 6
//           x     square
//    0.099976  0.0099945
//    1.0996    1.209
// 2048               inf
// h                total
// [0.8335, 3.334]  4.168
// [0.1666, 1]      1.167
// 0.8334961 3.3339844 0.41674805 2.3339844 0.16662598 1
// 8.086
