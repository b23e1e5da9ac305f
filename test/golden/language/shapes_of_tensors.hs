// figures: NumPy
let x = npy("../data/matrix.npy")
print shape(x)
print size(x)
print transpose(x)
print reshape(x, [2, -1])
print flatten(x)[3:5]
print concat([x[0:1], x[2:]])
print concat([x[:, 0:1], x[:, 3:]], axis: 1)
print stack([x[0], x[1]], axis: 1)
print flip(x[0], 0)
print roll(x[0], 1, 0)
print tile([1, 2], 2)
print pad([1, 2], [[1, 2]], value: 9)
print squeeze(unsqueeze(x[0], 0), 0)
print slice(x, [1, 1], [2, 2])
print expand([1, 2], [2, 2])

//= run
// [3, 4]
// 12
// [[1, 5, 9], [2, 6, 10], [3, 7, 11], [4, 8, 12]]
// [[1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]]
// [4, 5]
// [[1, 2, 3, 4], [9, 10, 11, 12]]
// [[1, 4], [5, 8], [9, 12]]
// [[1, 5], [2, 6], [3, 7], [4, 8]]
// [4, 3, 2, 1]
// [4, 1, 2, 3]
// [1, 2, 1, 2]
// [9, 1, 2, 9, 9]
// [1, 2, 3, 4]
// [[6, 7], [10, 11]]
// [[1, 2], [1, 2]]
