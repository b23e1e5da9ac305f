model LeNet(x: f32[4]) -> f32[10] = x |> dense(10)
let digits = rows(zeros([5, 4])) |> map(x => { x: x, y: 3 })
let net = train(LeNet, digits,
  loss: (m, r) => f32(argmax(m(r.x)) != r.y),
  optimizer: sgd(0.1), epochs: 1)
print net(zeros([4]))

//= error
// error: no weight of LeNet influences the loss: `argmax` has a zero gradient
//   --> 14_loss_without_gradient.hs:4:23
//  4 |   loss: (m, r) => f32(argmax(m(r.x)) != r.y),
//    |                       ^^^^^^
// help: cross_entropy(m(r.x), r.y); give accuracy as metrics: { accuracy: .. }
// exit 2
