let d = rows([[1.0, 2.0], [-1.0, 0.5], [3.0, -1.0], [2.0, 2.0]])
let one = train(x => x |> dense(1, init: constant_init(0.5)), d, loss: (m, x) => sum((m(x) - x[0]) ^ 2), optimizer: sgd(0.125), epochs: 1)
print one([1, 1])
// how many it is wrong about decides the next one's layer
let wrong = d |> filter(x => abs(one(x)[0] - x[0]) > 0.5)
let n = count(wrong)
let two = train(x => x |> dense(n, init: constant_init(0.25)) |> dense(1, init: constant_init(0.5)), wrong,
  loss: (m, x) => sum((m(x) - x[0]) ^ 2), optimizer: sgd(0.125), epochs: 1)
print n
print two([1, 1])
print history(one) |> map(.epoch) |> collect

//= run
// [1.2265625]
// 2
// [1.7456055]
// [1]
// stderr:
// epoch 1/1  loss 1.203
// epoch 1/1  step 1/1  loss 3.156
