// w is 1, 0.5, 0: the loss of the epoch is before the step, val.loss after it; by hand
model M(x: f32) -> f32 = {
  weight w: f32 = 1
  w * x
}
let d = rows([1.0])
let net = train(M, d, loss: (m, x) => m(x), optimizer: sgd(0.5), batch: 1, epochs: 2,
  validate: d, metrics: { twice: (m, x) => 2 * m(x) })
print history(net) |> map(h => drop(h, "seconds"))
print net(1.0)

//= run
// epoch  step  loss  val.loss  val.twice
//     1     1   1         0.5          1
//     2     2   0.5       0            0
// 0
// stderr:
// epoch 1/2  loss 1  val.loss 0.5  val.twice 1
// epoch 2/2  loss 0.5  val.loss 0  val.twice 0
