model M(x: f32[2]) -> f32[3] = x |> dense(3) |> relu
let d = rows([[1.0, 2.0]])
let net = train(M, d, loss: (m, x) => cross_entropy(m(x), 1), optimizer: sgd(0.1), epochs: 1)
print net([1.0, 2.0]) == net([1.0, 2.0])

//= error
// warning: `relu` as the last layer of a classifier
//   --> warning_of_relu_before_the_loss.hs:3:53
//  3 | let net = train(M, d, loss: (m, x) => cross_entropy(m(x), 1), optimizer: sgd(0.1), epochs: 1)
//    |                                                     ^^^^
// help: no class can have less than 0: leave it out
// epoch 1/1  step 1/1  loss 1.789
// exit 0
