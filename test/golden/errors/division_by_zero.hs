// A whole number has no quotient by a 0 that is known.
let n = 7
print div(n, 0)
print [4, 5] % [2, 0]
print 7.0 % 0
print div(7.0, 0)
//= error
// error: `div` of a whole number by 0
//   --> division_by_zero.hs:3:7
//  3 | print div(n, 0)
//    |       ^^^^^^^^^
//
// error: `%` of a whole number by 0
//   --> division_by_zero.hs:4:7
//  4 | print [4, 5] % [2, 0]
//    |       ^^^^^^^^^^^^^^^
// exit 2
