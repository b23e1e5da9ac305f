let x = [1, 2, 3]
print x[3]
print x[1:5]

//= error
// error: index 3 is out of range
//   --> constant_index_out_of_range.hs:2:9
//  2 | print x[3]
//    |         ^ axis 0 has 3
//
// error: the slice 1:5 is out of range
//   --> constant_index_out_of_range.hs:3:9
//  3 | print x[1:5]
//    |         ^^^ axis 0 has 3
// exit 2
