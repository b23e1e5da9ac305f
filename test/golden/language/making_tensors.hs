// by hand
print zeros([2, 2])
print ones([2])
print full([2], 7)
print range(4)
print range(2, 5)
print eye(2)
print one_hot(1, 3)
print one_hot([0, 2], 3)
print tril(ones([2, 2]))
print causal_mask(2)
print []
print [[1, 2], [3, 4]][1]

//= run
// [[0, 0], [0, 0]]
// [1, 1]
// [7, 7]
// [0, 1, 2, 3]
// [2, 3, 4]
// [[1, 0], [0, 1]]
// [0, 1, 0]
// [[1, 0, 0], [0, 0, 1]]
// [[1, 0], [1, 1]]
// [[true, false], [true, true]]
// []
// [3, 4]
