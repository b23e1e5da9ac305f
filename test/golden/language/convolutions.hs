// a sum of windows where all weights are 1; stride, pad, dilation, groups; figures: NumPy
let x = npy("../data/image.npy")
layer ones(x: f32[c, h, w], stride = 1, pad = 0, dilation = 1, groups = 1) =
  conv(x, 2, kernel: [3, 2], stride: stride, pad: pad, dilation: dilation, groups: groups, init: constant_init(1))
model A(x: f32[2, 6, 7]) = ones(x)
model B(x: f32[2, 6, 7]) = ones(x, stride: 2, pad: 1)
model C(x: f32[2, 6, 7]) = ones(x, dilation: 2)
model D(x: f32[2, 6, 7]) = ones(x, stride: 3, groups: 2)
print init(A)(x)[0]
print init(B)(x)[1]
print init(C)(x)[0]
print init(D)(x)

//= run
// [[-20, -23,  15, -12, -31,  5],
//  [ -7, -18,  11,   2, -20, -3],
//  [-10, -12,  -7,   4, -16, -9],
//  [ -1, -13, -27,   3,  -5,  3]]
// [[5, -14, -10, 12], [10, -18, 2, -3], [-9, -13, 3, 3]]
// [[-20, -6, -21, -9, -2], [-5, -2, -16, -2, 12]]
// [[[-5, -5], [2, 4]], [[-15, -7], [-3, -1]]]
