layer scaled(x: f32[n]) -> f32[n] = {
  weight w: f32[n] = 1
  tanh(x) * w
}
model Net(x: f32[4]) -> f32[4] = scaled(x)
let net = init(Net)
let xs = npy("../data/matrix.npy")
print grad(v => mean(map(xs, x => sum(net(x * v)^2))))(zeros([4]))

//= places expand
// full
// full 8:56
// eq 8:17
// full 8:17
// div 8:17
// select 8:17
// broadcast 8:17
// broadcast 8:35
// broadcast 8:43
// mul 8:43
// tanh 3:3
// full 2:22 2:3
// broadcast 3:3
// mul 3:3
// mul 8:39 3:3
// add 3:3
// sub 3:3
// reduce 8:43
