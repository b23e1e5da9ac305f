// Alternating least squares of rank 1: in each trip of iterate two groups; figures: NumPy, by sums over the same ratings
let d = rows({ u: range(60) % 12, i: div(range(60), 12), s: f32(range(60) * 7 % 11) })
let state = iterate({ p: ones([12]), q: ones([5]) }, state => {
  let p = (d |> group_by(.u, g => { v: sum(g, r => r.s * state.q[r.i]) / (0.1 + sum(g, r => state.q[r.i]^2)) }) |> take(12) |> collect).v
  let q = (d |> group_by(.i, g => { v: sum(g, r => r.s * p[r.u]) / (0.1 + sum(g, r => p[r.u]^2)) }) |> take(5) |> collect).v
  { p: p, q: q }
}, times: 15)
print d |> mean(r => (state.p[r.u] * state.q[r.i] - r.s)^2)
print state.q
//= run
// 9.426731
// [1.1445283, 1.3230344, 1.15033, 1.3854065, 1.2882923]
