let d = rows([[1.0, 2.0], [3.0, 4.0]])
model M(x: f32[2]) -> f32 = x |> dense(1) |> reshape([])
print d |> map(x => train(M, d, loss: (m, x) => m(x)^2, optimizer: sgd(0.1), epochs: 1)(x))
print map([1.0, 2.0, 3.0] * sum(d |> mean), s => train(M, d, loss: (m, x) => m(x)^2, optimizer: sgd(s), epochs: 1, checkpoint: "c")([1.0, s]))
print fold(range(5), 0.0, (s, i) => s + sum(collect(d |> filter(x => x[0] > s))))
print map(f32(range(80)), s => { s: s, net: train(M, d, loss: (m, x) => m(x)^2, optimizer: sgd(s), epochs: 1) })

//= error
// error: train for each record of an rdd
//   --> training_in_a_loop.hs:3:21
//  3 | print d |> map(x => train(M, d, loss: (m, x) => m(x)^2, optimizer: sgd(0.1), epochs: 1)(x))
//    |                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: a list that is known when compiling is unrolled: grid({ .. }) |> map(h => train(..))
//
// error: a checkpoint of a training that is made again and again: each would overwrite that of the one before
//   --> training_in_a_loop.hs:4:116
//  4 | print map([1.0, 2.0, 3.0] * sum(d |> mean), s => train(M, d, loss: (m, x) => m(x)^2, optimizer: sgd(s), epochs: 1, checkpoint: "c")([1.0, s]))
//    |                                                                                                                    ^^^^^^^^^^^^^^^
// help: leave it out, or train outside of iterate, fold, scan and map over a tensor
//
// error: how many rows `d |> filter(x => x[0] > s)` has may differ from trip to trip, and a tensor has one shape
//   --> training_in_a_loop.hs:5:45
//  5 | print fold(range(5), 0.0, (s, i) => s + sum(collect(d |> filter(x => x[0] > s))))
//    |                                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: take(n) before it: it has n rows then, and fewer are an error
//
// error: what map gives is made of numbers, strings, tensors, lists and records of them, this is the net M
//   --> training_in_a_loop.hs:6:27
//  6 | print map(f32(range(80)), s => { s: s, net: train(M, d, loss: (m, x) => m(x)^2, optimizer: sgd(s), epochs: 1) })
//    |                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: what is asked of the net: mean(d, r => (net(r.x) - r.y)^2), or net(x)
// exit 2
