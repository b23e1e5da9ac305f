let d = rows([[1.0, 2.0], [3.0, 4.0]])
model M(x: f32[2]) -> f32 = x |> dense(1) |> reshape([])
print iterate(0.0, s => train(M, d, loss: (m, x) => m(x)^2, optimizer: sgd(0.1), epochs: 1)([1.0, s]), times: 3)
print d |> map(x => train(M, d, loss: (m, x) => m(x)^2, optimizer: sgd(0.1), epochs: 1)(x))

//= error
// error: train in a function that is called when the program runs: of iterate, fold, scan, grad or map over a tensor
//   --> training_in_a_loop.hs:3:25
//  3 | print iterate(0.0, s => train(M, d, loss: (m, x) => m(x)^2, optimizer: sgd(0.1), epochs: 1)([1.0, s]), times: 3)
//    |                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: repeat is written out: start |> repeat(3, net => train(net, ..))
//
// error: train for each record of an rdd
//   --> training_in_a_loop.hs:4:21
//  4 | print d |> map(x => train(M, d, loss: (m, x) => m(x)^2, optimizer: sgd(0.1), epochs: 1)(x))
//    |                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: a list that is known when compiling is unrolled: grid({ .. }) |> map(h => train(..))
// exit 2
