let x = [[1, 2], [3, 4]]
print x[[0, 1], [1, 0]]

//= error
// limit: an index by two tensors is not built yet
//   --> index_by_two_tensors.hs:2:7
//  2 | print x[[0, 1], [1, 0]]
//    |       ^^^^^^^^^^^^^^^^^
// help: gather along one axis after the other
// exit 2
