// by hand
let x = [10, 20, 30]
print gather(x, [2, 0, 2])
print gather([[1, 2], [3, 4]], [1], axis: 1)
print scatter_add(zeros([3]), [0, 2, 2], [1.0, 2.0, 3.0])
print x[i32([0.0, 1.0])]

//= run
// [30, 10, 30]
// [[2], [4]]
// [1, 0, 5]
// [10, 20]
