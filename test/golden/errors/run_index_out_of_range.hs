let ids = npy("../data/steps.npy")
let table = [10, 20, 30]
print table[ids[2]]
print map(ids, i => table[i])

//= error
// error: index `i` is out of range: axis 0 has 3
//   --> run_index_out_of_range.hs:4:27
//  4 | print map(ids, i => table[i])
//    |                           ^
// exit 1
