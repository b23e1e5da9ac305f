// rename and repartition: the same rows; by hand
let d = rows([[1.0, 2.0], [3.0, 4.0]]) |> map(x => { a: x[0], b: x[1] })
print d |> rename({ a: "b", b: "a" }) |> map(r => r.b - r.a)
print rename(d, { b: "c" })
print d |> repartition(7) |> sum(.a)

//= run
// -1
// -1
// a  c
// 1  2
// 3  4
// 4
