// the gradient of what a depthwise convolution reads is one kernel, as a full convolution's: no product is stored for each place and window
let x: f32[4, 6, 5] = cumsum(full([4, 6, 5], 0.25), axis: 2)
model M(x: f32[4, 6, 5]) -> f32[4, 6, 5] = x |> conv(4, kernel: 3, pad: 1, groups: 4, bias: false)
let net = init(M)
print grad(x => sum(net(x) ^ 2))(x)

//= count kernel
// add 2
// contract 1
// fold_in 1
// kernels 6
// reduce 2
