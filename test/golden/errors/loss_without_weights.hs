model Score(x: f32[4]) -> f32 = x |> dense(1) |> sum
let rows_of = rows(zeros([5, 4]))
let net = train(Score, rows_of, loss: (m, r) => sum(r * r), optimizer: sgd(0.1), epochs: 1)
print net(zeros([4]))

//= error
// error: no weight of Score influences the loss
//   --> loss_without_weights.hs:3:39
//  3 | let net = train(Score, rows_of, loss: (m, r) => sum(r * r), optimizer: sgd(0.1), epochs: 1)
//    |                                       ^^^^^^^^^^^^^^^^^^^^
// help: the loss calls the model: (m, r) => cross_entropy(m(r.x), r.y)
// exit 2
