model LeNet(x: f32[N, 28, 28]) -> f32[N, 10] =
  x |> flatten |> dense(10)

let digits = rows(zeros([5, 28, 28])) |> map(x => { x: x, y: 3 })
let net = train(LeNet, digits,
  loss: (m, r) => cross_entropy(m(r.x), r.y),
  optimizer: sgd(0.1), epochs: 1)
print mean(digits, r => argmax(net(r.x)) == r.y)

//= error
// error: x: f32[N, 28, 28] cannot take r.x: f32[28, 28]
//   --> 03_batch_dim_in_a_model.hs:6:35
//  6 |   loss: (m, r) => cross_entropy(m(r.x), r.y),
//    |                                   ^^^
// note: declared here
//   --> 03_batch_dim_in_a_model.hs:1:16
// help: leave N out: model LeNet(x: f32[28, 28]) -> f32[10]
// exit 2
