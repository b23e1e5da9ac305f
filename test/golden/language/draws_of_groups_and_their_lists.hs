// a draw for a record of a group is one number, whoever reads it: a reduction, a list, what is chosen by the greatest, or a filter
let d = rows(range(60)) |> map(x => { x, k: x % 3 })
print d |> group_by(.k, g => { let m = g |> map(r => { r.x, u: uniform() })
  let best = max_by(m, .u)
  { best: best.u == max(m, .u), x: best.x % 3, over: count(m |> filter(r => r.u > mean(m, .u))) == count(m |> map(.u) |> filter(u => u > mean(m, .u))) } })
let lists = d |> group_by(.k, g => { let m = g |> map(r => { r.x, u: uniform() })
  { m, last: max(m, .u), n: count(m |> filter(r => r.u < 0.5)), above: count(m |> filter(r => r.u >= mean(m, .u))) } })
print lists |> map(r => { last: max(r.m, .u) == r.last, n: count(r.m |> filter(e => e.u < 0.5)) == r.n, above: count(r.m |> filter(e => e.u >= mean(r.m, .u))) == r.above })
// of what the group has: as many are left out as are counted
print d |> group_by(.k, g => { let m = g |> map(r => { r.x, u: uniform([], 0, 1.0 * max(g, .x)) })
  { some: sum(m |> filter(r => r.u > 20), .u) == sum(m, r => if r.u > 20 then r.u else 0) } })

//= run
// k  best  x  over
// 0  true  0  true
// 1  true  1  true
// 2  true  2  true
// last     n  above
// true  true   true
// true  true   true
// true  true   true
// k  some
// 0  true
// 1  true
// 2  true
