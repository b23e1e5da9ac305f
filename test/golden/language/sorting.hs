// figures: NumPy; equal values keep their order
let x = npy("../data/steps.npy")
print sort(x)
print argsort(x)
print top_k(x, 2)
print sort([[3.0, 1.0], [2.0, 4.0]])
print sort([[3.0, 1.0], [2.0, 4.0]], axis: 0)
print argsort([2, 1, 2, 1])
print sum(permutation(5)) + sum(sort(permutation(5)) * range(5))

//= run
// [-7, -1, 0, 3, 10]
// [1, 4, 2, 0, 3]
// { values: [10, 3], indices: [3, 0] }
// [[1, 3], [2, 4]]
// [[2, 1], [3, 4]]
// [1, 3, 0, 2]
// 40
