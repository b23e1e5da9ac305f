model M(x: f32[2]) -> f32[2] = x |> dense(2) |> softmax
let d = rows([[1.0, 2.0]])
let net = train(M, d, loss: (m, x) => cross_entropy(m(x), 1), optimizer: sgd(0.1), epochs: 1)
save net to "net.safetensors"

//= run
// stderr:
// warning: `softmax` before `cross_entropy`
//   --> warning_of_softmax_before_the_loss.hs:3:53
//  3 | let net = train(M, d, loss: (m, x) => cross_entropy(m(x), 1), optimizer: sgd(0.1), epochs: 1)
//    |                                                     ^^^^
// help: cross_entropy takes what is before softmax: leave it out
// epoch 1/1  step 1/1  loss 0.8688
