// val.loss is 4, 16: the second epoch is worse than the best, and is the last; by hand
model M(x: f32) -> f32 = {
  weight w: f32 = 2
  w + x
}
let d = rows([0.0])
let net = train(M, d, loss: (m, x) => (m(x) - 1) ^ 2, optimizer: sgd(1.5), batch: 1, epochs: 9,
  validate: d, stop: (now, best) => now.val.loss > best.val.loss)
print net(0.0)

//= run
// 5
// stderr:
// epoch 1/9  loss 1  val.loss 4
// epoch 2/9  loss 4  val.loss 16
