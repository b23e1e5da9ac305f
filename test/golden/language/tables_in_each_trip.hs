// Tables that an engine makes in what is repeated: anew in each trip, of what is there; by hand
param one = 1.0
let d = rows(f32(range(20))) |> map(x => { x: x, g: i32(x) % 3, k: i32(x) })
let xs = [0.0, 1.0, 2.0] * one
print map(xs, c => d |> filter(r => r.x > c) |> group_by(.g, q => { n: count(q) }) |> sum(.n))
print map(xs, c => d |> sort_by(r => r.x * (1 - c)) |> take(2) |> sum(.x))
print map(xs, c => map(xs, e => d |> distinct(by: r => r.k % (i32(c) + i32(e) + 1)) |> count))
print map(xs, c => d |> group_by(.g, q => { m: mean(q, r => r.x * c) }) |> map(t => { t.m }) |> max(.m))
print fold(xs, 0.0, (s, c) => s + (d |> join(rows({ k: [1, 2, 3], w: [1.0, 2.0, 3.0] * (s + 1) }), on: "k") |> sum(r => r.x * r.w + c)))
print scan(xs, 0.0, (s, c) => s + (d |> window(3) |> sum(r => sum(r.x) * c)))
print iterate({ a: 0.0, n: 0 }, s => {
  let t = d |> filter(r => r.k > s.n)
  { a: s.a + sum(t, .x), n: s.n + count(t |> distinct(by: .g)) }
}, times: 10, until: (old, new) => new.n >= 12)
print iterate(1.0, s => (d |> filter(r => string(r.k) != "3") |> sum(r => r.x * s)) / 374, times: 7)
//= run
// [19, 18, 17]
// [1, 1, 37]
// [[1, 2, 3], [2, 3, 4], [3, 4, 5]]
// [0, 10, 20]
// 3425
// [0, 513, 1539]
// { a: 688, n: 12 }
// 0.0078125
