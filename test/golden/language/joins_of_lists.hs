// join of lists and of the records of groups, as of rdds: the same rows as the join of all by both keys; by hand
let d = rows(range(12)) |> map(x => { x, k: x % 2, j: x % 5, s: string(x), l: words("a b") })
let left = d |> group_by(.k, g => { a: g |> filter(r => r.x < 7) |> map(r => { r.j, r.x, r.l }), b: g |> filter(r => r.x > 4) |> map(r => { r.j, y: r.s, m: words(r.s + " q") }) })
print left |> map(r => { c: join(r.a, r.b, on: "j") }) |> flat_map(.c)
print left |> map(r => { c: join(r.a, r.b, on: "j", how: "left") }) |> flat_map(.c)
print left |> map(r => { c: join(r.a, r.b, on: "j", how: "full") }) |> flat_map(.c)
print left |> map(r => { s: join(r.a, r.b, on: "j", how: "semi") |> map(.x), t: join(r.a, r.b, on: "j", how: "anti") |> map(.x) })
let a = d |> filter(r => r.x < 7) |> map(r => { r.k, r.j, r.x })
let b = d |> filter(r => r.x > 4) |> map(r => { r.k, r.j, y: r.s })
print join(a, b, on: ["k", "j"], how: "left") |> sort_by(.k)
print d |> group_by(.k, g => { n: join(g, rename(g, { x: "z", s: "t", l: "m", k: "o" }), on: "j") |> filter(r => r.x < r.z) |> count })
print rows([1]) |> map(x => { l: ["a\u{2028}b", "c\"d\ne"], s: "a\u{2028}b\n" })
//= run
// j  x  l           y   m
// 0  0  ["a", "b"]  10  ["10", "q"]
// 1  6  ["a", "b"]  6   ["6", "q"]
// 1  1  ["a", "b"]  11  ["11", "q"]
// 0  5  ["a", "b"]  5   ["5", "q"]
// j  x  l           y     m
// 0  0  ["a", "b"]  10    ["10", "q"]
// 2  2  ["a", "b"]  none  none
// 4  4  ["a", "b"]  none  none
// 1  6  ["a", "b"]  6     ["6", "q"]
// 1  1  ["a", "b"]  11    ["11", "q"]
// 3  3  ["a", "b"]  none  none
// 0  5  ["a", "b"]  5     ["5", "q"]
// j     x  l           y     m
// 0     0  ["a", "b"]  10    ["10", "q"]
// 2     2  ["a", "b"]  none  none
// 4     4  ["a", "b"]  none  none
// 1     6  ["a", "b"]  6     ["6", "q"]
// 3  none  none        8     ["8", "q"]
// 1     1  ["a", "b"]  11    ["11", "q"]
// 3     3  ["a", "b"]  none  none
// 0     5  ["a", "b"]  5     ["5", "q"]
// 2  none  none        7     ["7", "q"]
// 4  none  none        9     ["9", "q"]
// s       t
// [0, 6]  [2, 4]
// [1, 5]  [3]
// k  j  x  y
// 0  0  0  10
// 0  2  2  none
// 0  4  4  none
// 0  1  6  6
// 1  1  1  11
// 1  3  3  none
// 1  0  5  5
// k  n
// 0  1
// 1  1
// l                        s
// ["a\u2028b", "c\"d\ne"]  a\u2028b\n
