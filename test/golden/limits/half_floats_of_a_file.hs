let x = npy("../data/halves.npy")
print x

//= error
// limit: reading f16 on a CPU is not built yet
//   --> half_floats_of_a_file.hs:1:9
//  1 | let x = npy("../data/halves.npy")
//    |         ^^^^^^^^^^^^^^^^^^^^^^^^^
// help: a file of f32
// exit 2
