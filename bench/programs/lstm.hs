// an LSTM of 256 units over 64 steps of 256 inputs; it learns to give back what it is given
param batch = 32
param steps = 1_000_000
param shuffled = 1
let x: f32[256, 64, 256] = npy("x.npy")
model Net(x: f32[64, 256]) -> f32[64, 256] = lstm(x, 256).h
let start = init(Net)
let net = train(start, rows(x), loss: (m, r) => mse(m(r), r), optimizer: sgd(0.01, momentum: 0.9),
  batch: batch, steps: steps, shuffle: shuffled == 1)
save start to "start.safetensors"
save net to "end.safetensors"
