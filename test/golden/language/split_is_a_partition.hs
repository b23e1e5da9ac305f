// each row in one part; the count is that of the row function of language.md 4, written in Python
let d = npy("../data/points.npy") |> rows
let parts = d |> split({ train: 0.7, test: 0.3 })
print count(parts.train) + count(parts.test)
print sum(parts.train) + sum(parts.test) - sum(d)
print count(parts.train)
print parts.test |> map(p => p * 2) |> take(1) |> collect

//= run
// 20
// [0, 0, 0]
// 11
// [[2.5, -2, -3.5]]
