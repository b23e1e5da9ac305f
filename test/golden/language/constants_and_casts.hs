// by hand
param x = 2.5
print pi
print { up: inf * x, down: -inf, nan: isnan(nan * x), least: min([inf, x]) }
print [bool(x), bool(0.0 * x), bool(3)]
print { true: i32(bool(x)), u8: u8(300 * x), down: i32(-x), i64: i64(x * 1e9), f64: f64(x) / 3 }
print f32(f16(0.1))
print is_function(x => x) and not is_function(x)
print string(12) + " and " + string(true) + ", " + string(0.1)
print hash("kiwi", 1000) == hash("kiwi", 1000)

//= run
// 3.1415927
// { up: inf, down: -inf, nan: true, least: 2.5 }
// [true, false, true]
// { true: 1, u8: 255, down: -2, i64: 2500000000, f64: 0.8333333333333334 }
// 0.099975586
// true
// 12 and true, 0.1
// true
