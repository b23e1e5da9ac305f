// if between values that only the run chooses: records, functions, nets, lists, rdds, texts
let x = rows([3.0, 4.0])
let big = sum(x, v => v) > 5
model A(x: f32[2]) -> f32[1] = dense(x, 1, init: (s => full(s, 1.0)))
model B(x: f32[2]) -> f32[1] = dense(x, 1, init: (s => full(s, 2.0)))
let net = if big then init(A) else init(B)
print net([1.0, 1.0])
let f = if not big then (x => x + 1) else (x => x * 10)
print f(4.0)
let r = if big then { a: 1, f: sqrt, s: "yes" } else { a: 2, f: exp, s: "no" }
print { r.a, root: r.f(16.0), r.s }
print if big then ["a", "b"] else ["c", "d"]
print if big then ["a"] else ["c", "d"]
let d = if big then x else rows([1.0])
print d |> map(v => { v })
print count(if big then x |> filter(v => v > 3) else x)
let t = x |> map(v => { v, s: string(v) })
print if sum(x) < 0 then t else t |> map(r => { s: r.s + "!", v: r.v + 1 })
print x |> map(v => (if v > 3 then sin else cos)(0.0) + (if v > 3 then f else f)(1.0))
//= run
// [2]
// 40
// { a: 1, root: 4, s: "yes" }
// ["a", "b"]
// ["a"]
// v
// 3
// 4
// 1
// v  s
// 4  3!
// 5  4!
// 11
// 10
