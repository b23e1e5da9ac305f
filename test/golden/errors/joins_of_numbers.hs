print concat(range(5000))
//= error
// error: concat joins tensors along an axis of theirs, these are 5000 slices
//   --> joins_of_numbers.hs:1:14
//  1 | print concat(range(5000))
//    |              ^^^^^^^^^^^
// exit 2
