// a line by the points that lie on it but one: the held-out points are least wrong after the first step, and that one is kept
model Line(x: f32) -> f32 = {
  weight a: f32 = 0
  weight b: f32 = 0
  a * x + b
}
let d = rows([0.0, 1.0, 2.0, 3.0]) |> map(x => { x: x, y: if x > 2 then 2 * x + 9 else 2 * x + 1 })
let held = rows([0.5, 4.0]) |> map(x => { x: x, y: 2 * x + 1 })
let loss = (m, r) => (m(r.x) - r.y) ^ 2
let net = train(Line, d, loss: loss, optimizer: lbfgs(), steps: 9, validate: held, metrics: { off: (m, r) => abs(m(r.x) - r.y) },
  keep: "best", stop: (now, best) => now.epoch > best.epoch + 1)
let seen = history(net)
print seen |> map(e => { e.epoch, e.step, e.loss, held: e.val.loss, e.val.off })
print kept = abs(mean(held, r => loss(net, r)) - min(seen, e => e.val.loss)) < 1e-4

//= run
// epoch  step      loss     held      off
//     1     1  37.8097   12.7787  3.03861
//     2     2   6.08701  20.9139  3.71515
//     3     3   5.91003  21.772   3.74074
// kept = true
// stderr:
// step 1/9  loss 37.81  val.loss 12.78  val.off 3.039
// step 2/9  loss 6.087  val.loss 20.91  val.off 3.715
// step 3/9  loss 5.91  val.loss 21.77  val.off 3.741
