// tensors that are known when compiling: as results, beside data, for each record; by hand
let x = f32(range(6)) |> reshape([2, 3])
let weight = [0.5, 1.5, 4]
print weight
print x * weight
print x @ [[1, 2], [3, 4], [5, 6.5]]
print [[true, false], [false, true]]
let rows2 = rows(x) |> map(r => { x: r, y: sum(r * [0.5, 1.5, 4]) })
print collect(rows2).y

//= run
// [0.5, 1.5, 4]
// [[0, 1.5, 8], [1.5, 6, 20]]
// [[13, 17], [40, 54.5]]
// [[true, false], [false, true]]
// [9.5, 27.5]
