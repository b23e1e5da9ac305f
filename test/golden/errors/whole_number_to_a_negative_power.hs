param n = 2
print n^-1
print 2^-1
print range(3) ^ -1

//= error
// error: a whole number to a negative power is no whole number
//   --> whole_number_to_a_negative_power.hs:2:7
//  2 | print n^-1
//    |       ^^^^
// help: f32(n)^-1
//
// error: a whole number to a negative power is no whole number
//   --> whole_number_to_a_negative_power.hs:4:7
//  4 | print range(3) ^ -1
//    |       ^^^^^^^^^^^^^
// help: f32(range(3))^-1
// exit 2
