// figures: NumPy
let d = npy("../data/points.npy") |> rows |> map(p => { key: i32(floor(p[0])) + 2, x: p[1] })
print d |> sum_by(.key, groups: 4, value: .x)
print d |> count_by(.key, groups: 4)
print d |> mean_by(.key, groups: 5, value: .x)

//= run
// [0, -2.75, 2.25, -1.5]
// [5, 3, 6, 6]
// [0, -0.9166667, 0.375, -0.25, nan]
