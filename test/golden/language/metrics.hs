// predicted 0 1 0 1, actual 0 0 1 1; by hand
let d = rows([0, 1, 2, 3]) |> map(i => { p: i % 2, a: div(i, 2), s: f32(i) })
print confusion(d, .p, .a, classes: 2)
print f1(d, r => r.p == 1, r => r.a == 1)
print rmse(d, .s, r => f32(r.a))
print top_k_accuracy([0.1, 0.7, 0.2], 2, 2)
print moments(d, .s)
print min_by(d, r => -r.s)
print first(d)

//= run
// [[1, 1], [1, 1]]
// 0.5
// 1.2247449
// true
// { mean: 1.5, std: 1.118034 }
// { p: 1, a: 1, s: 3 }
// { p: 0, a: 0, s: 0 }
