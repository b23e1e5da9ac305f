// and, or, not per element; if keeps one branch when it is known; by hand
param on = true
let a = [true, true, false]
let b = [true, false, false]
print a and b
print a or b
print not a
print a == b
print if on then 1 else 2
print where(a, [1, 2, 3], [10, 20, 30])
print any(b)
print all(a)

//= run
// [true, false, false]
// [true, true, false]
// [false, false, true]
// [true, false, true]
// 1
// [1, 2, 30]
// true
// false
