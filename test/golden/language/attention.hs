// with equal keys each place is the mean of what it may see
model A(x: f32[3, 4]) -> f32[3, 4] = attention(x, 2)
model C(x: f32[3, 4]) -> f32[3, 4] = attention(x, 2, causal: true)
let x = ones([3, 4])
let a = init(A)(x)
print max(abs(a[0] - a[2])) < 1e-6
print shape(init(C)(x))

//= run
// true
// [3, 4]
