// exact ones by hand, at run time: a param is not folded
param a = -2.5
param b = 4.0
print [abs(a), sign(a), floor(a), ceil(a), round(a)]
print [round(1.5 + a - a), round(a + 2), round(b - a - a)]
print [sqrt(b), rsqrt(b), exp(b - b), log(b / b), log1p(b - b), expm1(b - b)]
print [sin(b - b), cos(b - b), erf(b - b), tanh(b - b)]
print [minimum(a, b), maximum(a, b), lerp(a, b, 0.5)]
print [isnan(sqrt(a)), isnan(b)]
print [2 ^ b, b ^ 0.5, b ^ -1]
print [exp(1e10 * b), exp(1e10 * a), log(b - b), sqrt(a)]

//= run
// [2.5, -1, -3, -2, -2]
// [2, -0, 9]
// [2, 0.5, 1, 0, 0, 0]
// [0, 1, 0, 0]
// [-2.5, 4, 0.75]
// [true, false]
// [16, 2, 0.25]
// [inf, 0, -inf, nan]
