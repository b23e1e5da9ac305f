// k-means from 100 starts, as iterate in a map; figures: scikit-learn (KMeans, n_init=100)
let c = [[0.0, 0.0], [5.0, 5.0], [0.0, 5.0]]
let x = concat([c[0:1] + normal([40, 2], seed: 1), c[1:2] + normal([40, 2], seed: 2), c[2:3] + normal([40, 2], seed: 3)])
let d = rows({ x: x })
fn nearest(c, x) = argmin(sum((c - x)^2, axis: 1))
let tries = map(range(100), i => {
  let start = (d |> shuffle |> take(3) |> collect).x
  let c = iterate(start, c => mean_by(d, r => nearest(c, r.x), 3, value: .x), times: 20, until: (a, b) => max(abs(a - b)) < 1e-6)
  { c: c, cost: d |> sum(r => min(sum((c - r.x)^2, axis: 1))) }
})
let best = argmin(tries.cost)
print tries.cost[best]
print sort(tries.c[best][:, 0])
//= run
// 259.19772
// [-0.10185967, 0.28582972, 4.84411]
