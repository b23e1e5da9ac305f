print max(zeros([0]))
print argmin(zeros([0, 2]), axis: 0)
print max(zeros([0, 2]), axis: 1)

//= error
// error: max of no elements
//   --> greatest_of_nothing.hs:1:11
//  1 | print max(zeros([0]))
//    |           ^^^^^^^^^^
//
// error: argmin of no elements
//   --> greatest_of_nothing.hs:2:14
//  2 | print argmin(zeros([0, 2]), axis: 0)
//    |              ^^^^^^^^^^^^^
// exit 2
