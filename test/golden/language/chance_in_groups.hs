// sample, shuffle, split of a group's records and of lists: parts of the records, each once; a group's in a group by their key as all rows by both
let d = rows(range(200)) |> map(x => { x, k: x % 3, s: string(x % 7), f: where(x % 4 == 0, -0.0, where(x % 4 == 1, nan, 0.5)) })
let parts = d |> group_by(.k, g => { let p = split(g, { a: 0.7, b: 0.3 })
  { n: count(g), a: p.a |> map(.x), b: p.b |> map(.x) } })
print parts |> map(r => { whole: count(union(r.a, r.b)) == r.n, both: count_distinct(union(r.a, r.b)) == r.n, some: count(r.a) > count(r.b) })
print d |> group_by(.k, g => { let p = split(g, { a: 0.5, b: 0.5 }, by: .s)
  { kinds: count(distinct(map(p.a, .s))) + count(distinct(map(p.b, .s))) } })
print d |> group_by(.k, g => { sum: sum(shuffle(g), .x) == sum(g, .x), first: first(shuffle(g)).x != first(g).x, none: count(sample(g, 0)), all: count(sample(g, 1)) })
let inner = d |> group_by(.k, g => { of: g |> group_by(.f, h => { h: count(h), some: sample(h, 0.5) |> count, order: sum(shuffle(h), .x) == sum(h, .x) }) })
print inner |> flat_map(r => r.of |> map(o => { r.k, o.f, o.h, few: o.some > 3 and o.some < o.h, o.order }))
print d |> group_by(r => { r.k, r.f }, g => { n: count(g) })
print d |> group_by(.k, g => { l: map(g, .x) }) |> map(r => { n: count_distinct(shuffle(r.l)) == count(r.l), some: count(sample(r.l, 0.5, seed: 3)) > 20, again: sum(sample(r.l, 0.5, seed: 3)) > 0 })
//= run
// whole  both  some
//  true  true  true
//  true  true  true
//  true  true  true
// k  kinds
// 0      7
// 1      7
// 2      7
// k   sum  first  none  all
// 0  true   true     0   67
// 1  true   true     0   67
// 2  true   true     0   66
// k    f   h   few  order
// 0  0    17  true   true
// 0  0.5  34  true   true
// 0  nan  16  true   true
// 1  0    17  true   true
// 1  0.5  33  true   true
// 1  nan  17  true   true
// 2  0    16  true   true
// 2  0.5  33  true   true
// 2  nan  17  true   true
// k    f   n
// 0  0    17
// 0  0.5  34
// 0  nan  16
// 1  0    17
// 1  0.5  33
// 1  nan  17
// 2  0    16
// 2  0.5  33
// 2  nan  17
//    n  some  again
// true  true   true
// true  true   true
// true  true   true
