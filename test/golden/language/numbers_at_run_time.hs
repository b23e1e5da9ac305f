// the same rules where nothing is known when compiling; by hand
param a = -7
param b = 2
param x = 2.9
print [a / b, f32(div(a, b)), f32(a % b)]
print a % -3
print [i32(x), i32(-x), i32(x * 1e20), i32(-x * 1e20)]
print -x ^ 2
print f64(x) + 0.1
print i64(a) * 1_000_000_000_000
print [a == b, a < b, a >= b, a != b]
print b ^ 10

//= run
// [-3.5, -4, 1]
// -1
// [2, -2, 2147483647, -2147483648]
// -8.410001
// 3.0000000953674317
// -7000000000000
// [false, true, false, true]
// 1024
