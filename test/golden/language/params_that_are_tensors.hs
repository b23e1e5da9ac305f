// A param may be a tensor: --set gives its elements, one number for all of them, or a .npy file; sides that have names are decided when compiling
param weights = [1.0, 2.0]
param limit: i32[2, 2] = 3
param points: f32[n, 3] = [[1.0, 2.0, 3.0]]
param on = [true, false]
model M(x: f32[2]) -> f32 = dense(x, 1, init: dims => reshape(weights, dims), bias: false) |> reshape([])
print { sum: sum(weights), limit, on: not on, n }
print points @ concat([weights, [0.5]])
print map(range(n), i => "row " + string(points[i, 0] * weights[1]))
print init(M)([10, 1])

//= run
// { sum: 3, limit: [[3, 3], [3, 3]], on: [false, true], n: 1 }
// [6.5]
// ["row 2"]
// 12
//= run --set weights=[3,4.5] --set limit=[[1,2],[3,4]] --set on=[false,false]
// { sum: 7.5, limit: [[1, 2], [3, 4]], on: [true, true], n: 1 }
// [13.5]
// ["row 4.5"]
// 34.5
//= run --set points=../data/points.npy --set weights=2 --set limit=7
// { sum: 4, limit: [[7, 7], [7, 7]], on: [false, true], n: 20 }
// [-0.375, -2.375, -4.375, 3.375, 1.75, -4.5, -2, -2.75, 0.75, 4.25, -0.75, 6.25, -3, -4.875, 0.875, 6.5, 2.75, 0.375, 2.375, -4.875]
// ["row 2.5", "row -2", "row -0.5", "row 0.5", "row 3.5", "row -4", "row -2.5", "row 0", "row 1.5", "row 1", "row -2.5", "row 3.5", "row -1", "row -3", "row 0.5", "row 3", "row 3.5", "row 3", "row 0.5", "row -3.5"]
// 22
//= error --set weights=[1,2,3]
// error: --set weights=[1,2,3]: `weights` is f32[2], this is i32[3]
//   --> params_that_are_tensors.hs:2:1
//  2 | param weights = [1.0, 2.0]
//    | ^^^^^^^^^^^^^^^^^^^^^^^^^^
// exit 2
//= error --set limit=[[1.5,2],[3,4]]
// error: --set limit=[[1.5,2],[3,4]]: `limit` is i32[2, 2], this is f32[2, 2]
//   --> params_that_are_tensors.hs:3:1
//  3 | param limit: i32[2, 2] = 3
//    | ^^^^^^^^^^^^^^^^^^^^^^^^^^
// exit 2
//= error --set points=[[1,2],[3]]
// error: --set points=[[1,2],[3]]: `points` takes a list of numbers, as [1, 2], or the path of a .npy file
//   --> params_that_are_tensors.hs:4:1
//  4 | param points: f32[n, 3] = [[1.0, 2.0, 3.0]]
//    | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// exit 2
//= error --set limit=[[1,2],[3,99999999999]]
// error: --set limit=[[1,2],[3,99999999999]]: 99999999999 is no i32: it goes from -2147483648 to 2147483647
//   --> params_that_are_tensors.hs:3:1
//  3 | param limit: i32[2, 2] = 3
//    | ^^^^^^^^^^^^^^^^^^^^^^^^^^
// exit 2
