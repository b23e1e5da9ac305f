// by hand: 2^10, the sum, all partial sums, Newton's root of 2, a gradient through scan and iterate
param n = 2.0
print iterate(1.0, x => x * n, times: 10)
print fold([1.0, 2.0, 3.0], 0.0, (s, x) => s + x)
print scan([1.0, 2.0, 3.0], 0.0, (s, x) => s + x)
print iterate(1.0, x => (x + n / x) / 2, times: 50, until: (old, new) => abs(new - old) < 1e-6)
print grad(x => iterate(x, y => y * y, times: 3))(1.0)
print grad(x => sum(scan([1.0, 2.0], x, (s, v) => s * v)))(1.0)
print fold([[1.0, 2.0], [3.0, 4.0]], zeros([2]), (s, x) => s * 2 + x)

//= run
// 1024
// 6
// [1, 3, 6]
// 1.4142135
// 8
// 3
// [5, 8]
