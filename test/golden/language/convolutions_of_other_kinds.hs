// sums of windows where all weights are 1; figures: NumPy
let x = npy("../data/image.npy")
model T(x: f32[2, 6, 7]) = conv_transpose(x, 1, kernel: 2, stride: 2)
print shape(init(T)(x))
model D(x: f32[2, 7]) = conv1d(x, 3, kernel: 3, pad: 1, stride: 2)
print shape(init(D)(x[:, 0]))
print lrn(x, size: 3)[0, 0, 0:2]
model P(x: f32[2, 6, 7]) = prelu(x)
print init(P)(x)[0, 0]

//= run
// [1, 12, 14]
// [3, 4]
// [-0.99837804, 0]
// [-0.25, 0, 4, 7, -2, -1.5, 5]
