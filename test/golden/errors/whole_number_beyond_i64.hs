print 9223372036854775808
let x: f32 = 9007199254740993
print x
//= error
// error: 9223372036854775808 is no i64: it goes to 9223372036854775807
//   --> whole_number_beyond_i64.hs:1:7
//  1 | print 9223372036854775808
//    |       ^^^^^^^^^^^^^^^^^^^
// help: a decimal: 9.223372036854776e+18
//
// error: `x` of let takes f32, this is i64
//   --> whole_number_beyond_i64.hs:2:14
//  2 | let x: f32 = 9007199254740993
//    |              ^^^^^^^^^^^^^^^^
// help: f32(9007199254740993)
// exit 2
