// w - 1 is 3 and halves with its sign turned: w is -0.5, 1.75, 0.625, 1.1875; by hand. `far` is least in epoch 2, which is kept, two epochs more and it stops
model M(x: f32) -> f32 = {
  weight w: f32 = 4
  w + x
}
let d = rows([0.0])
let net = train(M, d, loss: (m, x) => (m(x) - 1)^2, optimizer: sgd(0.75), batch: 1, epochs: 9, validate: d,
  metrics: { far: (m, x) => abs(m(x) - 2) },
  by: e => e.val.far, keep: "best", stop: (now, best) => now.epoch >= best.epoch + 2)
print net(0.0)
print history(net) |> map(e => drop(e, "seconds"))

//= run
// 1.75
// epoch  step      loss   val.loss  val.far
//     1     1  9         2.25        2.5
//     2     2  2.25      0.5625      0.25
//     3     3  0.5625    0.140625    1.375
//     4     4  0.140625  0.0351563   0.8125
// stderr:
// epoch 1/9  loss 9  val.loss 2.25  val.far 2.5
// epoch 2/9  loss 2.25  val.loss 0.5625  val.far 0.25
// epoch 3/9  loss 0.5625  val.loss 0.1406  val.far 1.375
// epoch 4/9  loss 0.1406  val.loss 0.03516  val.far 0.8125
