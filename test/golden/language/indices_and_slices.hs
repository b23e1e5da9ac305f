// figures: NumPy
let x = npy("../data/matrix.npy")
print x[1]
print x[-1, 2]
print x[0:2, 1:3]
print x[:, 0]
print x[..., -1]
print x[1:]
print x[:-1, 0]
print x[[2, 0]]
print x[[2, 0], 1:3]

//= run
// [5, 6, 7, 8]
// 11
// [[2, 3], [6, 7]]
// [1, 5, 9]
// [4, 8, 12]
// [[5, 6, 7, 8], [9, 10, 11, 12]]
// [1, 5]
// [[9, 10, 11, 12], [1, 2, 3, 4]]
// [[10, 11], [2, 3]]
