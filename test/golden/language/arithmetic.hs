// integers, floats, precedence; by hand
print 1 + 2 * 3
print -2 ^ 2
print 7 / 2
print div(-7, 2)
print -7 % 3
print 2 ^ 10

//= run
// 7
// -4
// 3.5
// -4
// 2
// 1024
