// NumPy: quantile(method="inverted_cdf"), mean, std
let d = rows([4.0, 1.0, 3.0, 2.0, 10.0])
print [quantile(d, 0.0), quantile(d, 0.5), quantile(d, 0.8), quantile(d, 0.81), quantile(d, 1.0)]
print describe(d)
let t = rows([[1.0, 5.0], [3.0, 5.0]]) |> map(x => { a: x[0], b: { c: x[1] }, big: x[0] > 2 })
print describe(t)
print quantile(t, 0.5, r => -r.a)

//= run
// [1, 3, 4, 10, 10]
// { value: { mean: 4, std: 3.1622777, min: 1, max: 10 } }
// { a: { mean: 2, std: 1, min: 1, max: 3 }, b.c: { mean: 5, std: 0, min: 5, max: 5 } }
// -3
