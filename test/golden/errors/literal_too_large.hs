print 1e40
print 2147483648
let x: u8 = 300
print x
print f64(1e40)

//= error
// error: 1e+40 is no f32: it goes from -3.4028235e+38 to 3.4028235e+38
//   --> literal_too_large.hs:1:7
//  1 | print 1e40
//    |       ^^^^
// help: f64(1e40) holds more
//
// error: 2147483648 is no i32: it goes from -2147483648 to 2147483647
//   --> literal_too_large.hs:2:7
//  2 | print 2147483648
//    |       ^^^^^^^^^^
// help: i64(2147483648) or f64(..) hold more
//
// error: 300 is no u8: it goes from 0 to 255
//   --> literal_too_large.hs:3:13
//  3 | let x: u8 = 300
//    |             ^^^
// help: i64(300) or f64(..) hold more
// exit 2
