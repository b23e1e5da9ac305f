// figures: NumPy
let x = npy("../data/matrix.npy")
print [sum(x), mean(x), max(x), min(x)]
print sum(x, axis: 0)
print max(x, axis: 1)
print mean(x, axis: [0, 1])
print argmax(x, axis: 0)
print argmin(x)
print argmax([3.0, 7.0, 7.0])
print prod([1, 2, 3, 4])
print var([1.0, 2.0, 3.0, 4.0])
print std([2.0, 4.0])
print logsumexp([0.0, 0.0]) |> exp
print norm([3.0, 4.0])
print cumsum([1, 2, 3])
print { a: quantile([3.0, 1.0, 2.0], 0.5), b: quantile([[1, 2], [3, 4]], 0.9), c: quantile([1, 2, 3], 1, x => -x) }
//= run
// [78, 6.5, 12, 1]
// [15, 18, 21, 24]
// [4, 8, 12]
// 6.5
// [2, 2, 2, 2]
// [0, 0, 0]
// 1
// 24
// 1.25
// 1
// 2
// 5
// [1, 3, 6]
// { a: 2, b: 4, c: -1 }
