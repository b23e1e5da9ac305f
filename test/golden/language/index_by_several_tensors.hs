// x[i, j]: the elements at pairs of places, as NumPy: tensors broadcast, their shape stands where their axes were, first where an axis lies between; with gradient
let x = reshape(range(60), [3, 4, 5])
let i = [2, 0]
let j = [1, -1]
print x[i, j]
print x[i, :, j]
print shape(x[:, i, j])
print x[unsqueeze(i, 1), j, 0]
print x[1, i, [4, 3]]
print x[i, j, 1:3]
let m = f32(x[0])
let r = rows([[1, 2], [3, 0], [0, 3]])
print r |> map(p => m[p, p[0:1]] |> sum)
print r |> map(p => { at: m[range(2), p], one: m[p[1] % 4, p[0]] })
print grad(w => sum(w[[0, 1, 0], [1, 1, 1]] * [1.0, 10.0, 100.0]))(zeros([2, 3]))
//= run
// [[45, 46, 47, 48, 49], [15, 16, 17, 18, 19]]
// [[41, 46, 51, 56], [4, 9, 14, 19]]
// [3, 2]
// [[45, 55], [5, 15]]
// [34, 23]
// [[46, 47], [16, 17]]
// 17
// 21
// 15
// at      one
// [1, 7]   11
// [3, 5]    3
// [0, 8]   15
// [[0, 101, 0], [0, 10, 0]]
