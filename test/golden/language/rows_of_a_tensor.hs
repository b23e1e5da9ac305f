// a pipeline over rows: 20 records of three numbers; figures: NumPy
let d = npy("../data/points.npy") |> rows
print count(d)
print sum(d)
print mean(d, p => sum(p))
print max(d, p => p[0])
print min(d, p => p[1])
print d |> filter(p => p[0] > 0) |> count
print d |> take(2) |> collect
print d |> map(p => { first: p[0], rest: sum(p[1:]) }) |> filter(r => r.first > 1) |> take(2) |> collect
print any(d, p => p[0] > 1.5)
print all(d, p => p[0] > -3)
print var(d, p => p[0])

//= run
// 20
// [2, -2, -1.25]
// -0.0625
// 1.75
// -1.75
// 11
// [[1.25, -1, -1.75], [-1, -0.5, 1.25]]
// { first: [1.25, 1.75], rest: [-2.75, 0.25] }
// true
// true
// 1.49
