// groups of seven, the incomplete last is dropped; figures: NumPy
let d = npy("../data/points.npy") |> rows
print d |> batch(7) |> count
print d |> batch(7) |> map(g => sum(g, axis: 0)) |> take(2) |> collect

//= run
// 2
// [[-1.25, -2.75, -1], [-0.25, 0.75, -2.25]]
