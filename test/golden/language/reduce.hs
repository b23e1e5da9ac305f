// two at a time, in order; by hand
print rows([1.0, 2.0, 3.0]) |> reduce((a, b) => 10 * a + b)
print reduce([[1, 2], [3, 4], [5, 6]], (a, b) => maximum(a, b))
print rows([[1.0, 2.0], [3.0, 4.0]]) |> map(x => { a: x[0], b: { c: x[1] } }) |> reduce((p, q) => { a: p.a + q.a, b: { c: p.b.c * q.b.c } })
print reduce(["a", "b", "c"], (s, t) => t + s)
print rows([7.0]) |> filter(x => x > 1) |> reduce((a, b) => a / 0)
let birds: rdd { speed: i64?, cost: f64 } = csv("../data/table.csv")
print birds |> map(.speed) |> reduce((a, b) => 2 * a + b)

//= run
// 123
// [5, 6]
// { a: 4, b: { c: 8 } }
// cba
// 7
// 40
