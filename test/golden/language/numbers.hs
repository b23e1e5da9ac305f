// literals, promotion, floors; by hand from language.md 3
print 1_000
print 0.5
print 1e-4
print i64(3) + 2.5
print u8(200) + u8(100)
print 7 / 2
print div(-7, 2)
print -7 % 3
print 2 ^ 3 ^ 2
print 3 * 10^-2
print 1.0 / 0.0
print [i32(2.9), i32(-2.9), i32(1e20), i32(-1e20)]
print i32(true) + i32(false)

//= run
// 1000
// 0.5
// 0.0001
// 5.5
// 300
// 3.5
// -4
// 2
// 512
// 0.03
// inf
// [2, -2, 2147483647, -2147483648]
// 1
