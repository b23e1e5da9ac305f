// by hand, and sigmoid(0), tanh(0), gelu(0), silu(0)
let x = [-2.0, 0.0, 3.0]
print relu(x)
print leaky_relu(x, slope: 0.5)
print sigmoid(0.0)
print tanh(0.0)
print gelu(0.0)
print silu(0.0)
print elu(x)[1:]
print softplus(0.0)
print clamp(x, -1, 1)

//= run
// [0, 0, 3]
// [-1, 0, 3]
// 0.5
// 0
// 0
// 0
// [0, 3]
// 0.6931472
// [-1, 0, 1]
