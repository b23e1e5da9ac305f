// What only kernels compute goes over a list outside of rows, too: nets, products, halves, draws of each element
model M(x: f32[2]) -> f32 = dense(x, 1) |> reshape([])
let net = init(M, seed: 1)
let list = words(first(csv("../data/sales.csv")).user + " four 1.1")
fn score(w) = net([f32(length(w)), 1.0])
print map(list, w => score(w) == score("ann")) |> map(same => if same then "as ann" else "other")
print max(list, score) == maximum(score("ann"), score("four"))
print filter(list, w => score(w) != score("four"))
print map(list, w => { w, v: [f32(length(w)), 1.0] @ [[1.0, 2.0], [3.0, 4.0]], half: (f16(w) ?? f16(0.1))^2 })
let drawn = map(list, w => uniform())
print { all: length(drawn), distinct: length(distinct(drawn)), within: all(drawn, u => 0 <= u and u < 1) }
//= run
// ["as ann", "other", "as ann"]
// true
// ["ann", "1.1"]
// [{ w: "ann", v: [6, 10], half: 0.0099945 }, { w: "four", v: [7, 12], half: 0.0099945 }, { w: "1.1", v: [6, 10], half: 1.209 }]
// { all: 3, distinct: 3, within: true }
