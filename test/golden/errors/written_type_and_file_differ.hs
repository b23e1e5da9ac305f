let x: f32[4, 4] = npy("../data/matrix.npy")
print sum(x)

//= error
// error: ../data/matrix.npy is f32[3, 4], not f32[4, 4]
//   --> written_type_and_file_differ.hs:1:12
//  1 | let x: f32[4, 4] = npy("../data/matrix.npy")
//    |            ^
// exit 2
