print 9007199254740993

//= error
// limit: a whole number beyond 2^53 is not built yet
//   --> whole_number_beyond_2_53.hs:1:7
//  1 | print 9007199254740993
//    |       ^^^^^^^^^^^^^^^^
// help: a smaller one, or a decimal: 1e20
// exit 2
