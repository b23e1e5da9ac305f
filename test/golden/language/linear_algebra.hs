// by hand
let a = [[2.0, 1.0], [1.0, 3.0]]
print solve(a, [3.0, 4.0])
print inverse_matrix([[2.0, 0.0], [0.0, 4.0]])
print orthonormalize([[3.0, 0.0], [0.0, 2.0]])

//= run
// [1, 1]
// [[0.5, 0], [0, 0.25]]
// [[1, 0], [0, 1]]
