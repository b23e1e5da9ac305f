// a list that is known when compiling is unrolled: dims may differ; by hand
print [1, 2, 3] |> map(n => sum(ones([n, n])))
print grid({ a: [1, 2], b: [10, 20] }) |> map(r => r.a * r.b)
print repeat(1, 5, x => x * 2)

//= run
// [1, 4, 9]
// [10, 20, 20, 40]
// 32
