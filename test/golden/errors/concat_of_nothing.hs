print concat(range(0))

//= error
// error: concat joins tensors, here is none
//   --> concat_of_nothing.hs:1:14
//  1 | print concat(range(0))
//    |              ^^^^^^^^
// exit 2
