// Tensors of many slices, and of as many as data say, as lists: rows for each slice, pairs of neighbours, filled up; by counting
let x = normal([5000, 3])
print shape(stack(x, axis: 1))
print shape(concat(x))
let y = range(5000)
print count(rows([1, 2]) |> flat_map(i => y + i))
print shape(pad_to(y, 5003))
print shape(pad_to(y, 4500))
print rows([1, 2]) |> flat_map(i => skip_grams(y[0:4200] + i, window: 1)) |> count
print pad_to(y, 5003)[4998:5003]
let im = rows(reshape(f32(range(600)), [3, 200]))
print im |> flat_map(x => x * 2) |> sum
print im |> flat_map(x => reshape(x, [100, 2])) |> map(p => p[1] - p[0]) |> sum
print im |> map(x => { n: skip_grams(x, window: 2) |> count })
let d = text("../data/users.csv") |> flat_map(words)
let n = count(d)
print im |> flat_map(x => zeros([n]) + x[0]) |> sum
//= run
// [3, 5000]
// [15000]
// 10000
// [5003]
// [4500]
// 16796
// [4998, 4999, 0, 0, 0]
// 359400
// 300
//   n
// 794
// 794
// 794
// 2400
