// numbers in brackets are bytes of the plan; by hand
let m = [[1, 2], [3, 4]]
print m
print m @ [10, 100]
print rows(m) |> map(r => r * 2) |> collect
print [0.5, -0.5, 1e10]

//= run
// [[1, 2], [3, 4]]
// [210, 430]
// [[2, 4], [6, 8]]
// [0.5, -0.5, 10000000000]
