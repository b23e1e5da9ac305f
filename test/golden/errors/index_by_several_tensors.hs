// tensors of an index that do not broadcast; a place that the run finds out of range
let m = reshape(range(20), [4, 5])
print rows([[1, 2], [3, 0]]) |> map(p => m[p, [0, 1, 2]])
//= error
// error: an index by several tensors needs shapes that broadcast, these are i32[2] and i32[3]
//   --> index_by_several_tensors.hs:3:47
//  3 | print rows([[1, 2], [3, 0]]) |> map(p => m[p, [0, 1, 2]])
//    |                                               ^^^^^^^^^
// exit 2
