// truncated back-propagation: the carry is the sum of what was seen in the stream
model M(x: f32) -> f32 = {
  weight w: f32 = 0
  w * x
}
let net = train(M, rows([1.0, 2.0, 3.0, 4.0]), carry: 0.0, shuffle: false,
  loss: (m, x, c) => { loss: m(x) * c, carry: c + x }, optimizer: sgd(1.0), batch: 2, epochs: 1)
print net(1.0)

//= run
// -7
// stderr:
// epoch 1/1  step 2/2  loss 0
