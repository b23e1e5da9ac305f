model LeNet(x: f32[4]) -> f32[10] = x |> dense(10)
let digits = rows(zeros([5, 4])) |> map(x => { x: x, y: 3 })
let net = train(LeNet, digits,
  loss: (m, r) => (m(r.x) - one_hot(r.y, 10))^2,
  optimizer: sgd(0.1), epochs: 1)
print net(zeros([4]))

//= error
// error: the loss of one record must be one number, this is f32[10]
//   --> 13_loss_per_class.hs:4:19
//  4 |   loss: (m, r) => (m(r.x) - one_hot(r.y, 10))^2,
//    |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: mean(..), or mse(m(r.x), one_hot(r.y, 10))
// exit 2
