// NumPy: quantile(method="inverted_cdf"), mean, std
let d = rows([4.0, 1.0, 3.0, 2.0, 10.0])
print [quantile(d, 0.0), quantile(d, 0.5), quantile(d, 0.8), quantile(d, 0.81), quantile(d, 1.0)]
print describe(d)
let t = rows([[1.0, 5.0], [3.0, 5.0]]) |> map(x => { a: x[0], b: { c: x[1] }, big: x[0] > 2 })
print describe(t)
print quantile(t, 0.5, r => -r.a)
// what is missing is skipped: 10 and 20 are there
let birds: rdd { speed: i64?, cost: f64, name: string } = csv("../data/table.csv")
print [quantile(birds, 0.5, .speed), mean(birds, .speed), std(birds, .speed)]
print { most: (birds |> max_by(.speed)).name, least: (birds |> min_by(.speed)).name, kinds: count_distinct(birds, .speed) }
print describe(birds)

//= run
// [1, 3, 4, 10, 10]
// { value: { mean: 4, std: 3.1622777, min: 1, max: 10 } }
// { a: { mean: 2, std: 1, min: 1, max: 3 }, b.c: { mean: 5, std: 0, min: 5, max: 5 } }
// -3
// [10, 15, 5]
// { most: "e", least: "a", kinds: 2 }
// { speed: { mean: 15, std: 5, min: 10, max: 20 }, cost: { mean: 2.625, std: 0.960143218483576, min: 1.5, max: 4 } }
