// A training for each of 70 learning rates: a loop over them; figures: NumPy, steps of gradient descent by hand
let x = normal([40, 2], seed: 1)
let y = x @ [1.5, -0.5] + 0.1 * normal([40], seed: 2)
let data = rows({ x: x, y: y })
model Line(x: f32[2]) -> f32 = x |> dense(1, init: zeros_init()) |> reshape([])
let rates = exp(f32(range(70)) / 14 - 5)
let losses = map(rates, lr => {
  let net = train(Line, data, loss: (m, r) => (m(r.x) - r.y)^2, optimizer: sgd(lr), batch: 8, epochs: 1, shuffle: false)
  data |> mean(r => (net(r.x) - r.y)^2)
})
print { best: rates[argmin(losses)], loss: min(losses), first: losses[0], last: losses[69] }
print map(rates[0:0], lr => train(Line, data, loss: (m, r) => m(r.x)^2, optimizer: sgd(lr), epochs: 1)([1.0, 1.0]))
//= run
// { best: 0.36787945, loss: 0.009626707, first: 1.7567527, last: 6.36017 }
// []
// stderr:
// element 1/70  epoch 1/1  loss 1.893
// element 2/70  epoch 1/1  loss 1.887
// element 3/70  epoch 1/1  loss 1.881
// element 4/70  epoch 1/1  loss 1.874
// element 5/70  epoch 1/1  loss 1.867
// element 6/70  epoch 1/1  loss 1.859
// element 7/70  epoch 1/1  loss 1.851
// element 8/70  epoch 1/1  loss 1.842
// element 9/70  epoch 1/1  loss 1.833
// element 10/70  epoch 1/1  loss 1.823
// element 11/70  epoch 1/1  loss 1.813
// element 12/70  epoch 1/1  loss 1.802
// element 13/70  epoch 1/1  loss 1.79
// element 14/70  epoch 1/1  loss 1.777
// element 15/70  epoch 1/1  loss 1.764
// element 16/70  epoch 1/1  loss 1.75
// element 17/70  epoch 1/1  loss 1.735
// element 18/70  epoch 1/1  loss 1.719
// element 19/70  epoch 1/1  loss 1.702
// element 20/70  epoch 1/1  loss 1.684
// element 21/70  epoch 1/1  loss 1.666
// element 22/70  epoch 1/1  loss 1.646
// element 23/70  epoch 1/1  loss 1.625
// element 24/70  epoch 1/1  loss 1.603
// element 25/70  epoch 1/1  loss 1.58
// element 26/70  epoch 1/1  loss 1.556
// element 27/70  epoch 1/1  loss 1.531
// element 28/70  epoch 1/1  loss 1.505
// element 29/70  epoch 1/1  loss 1.478
// element 30/70  epoch 1/1  loss 1.449
// element 31/70  epoch 1/1  loss 1.42
// element 32/70  epoch 1/1  loss 1.389
// element 33/70  epoch 1/1  loss 1.358
// element 34/70  epoch 1/1  loss 1.326
// element 35/70  epoch 1/1  loss 1.293
// element 36/70  epoch 1/1  loss 1.259
// element 37/70  epoch 1/1  loss 1.224
// element 38/70  epoch 1/1  loss 1.189
// element 39/70  epoch 1/1  loss 1.154
// element 40/70  epoch 1/1  loss 1.118
// element 41/70  epoch 1/1  loss 1.083
// element 42/70  epoch 1/1  loss 1.047
// element 43/70  epoch 1/1  loss 1.012
// element 44/70  epoch 1/1  loss 0.9772
// element 45/70  epoch 1/1  loss 0.9432
// element 46/70  epoch 1/1  loss 0.9101
// element 47/70  epoch 1/1  loss 0.8782
// element 48/70  epoch 1/1  loss 0.8477
// element 49/70  epoch 1/1  loss 0.819
// element 50/70  epoch 1/1  loss 0.7922
// element 51/70  epoch 1/1  loss 0.7678
// element 52/70  epoch 1/1  loss 0.7463
// element 53/70  epoch 1/1  loss 0.728
// element 54/70  epoch 1/1  loss 0.7136
// element 55/70  epoch 1/1  loss 0.7039
// element 56/70  epoch 1/1  loss 0.7
// element 57/70  epoch 1/1  loss 0.7033
// element 58/70  epoch 1/1  loss 0.7158
// element 59/70  epoch 1/1  loss 0.7403
// element 60/70  epoch 1/1  loss 0.7806
// element 61/70  epoch 1/1  loss 0.8423
// element 62/70  epoch 1/1  loss 0.9332
// element 63/70  epoch 1/1  loss 1.064
// element 64/70  epoch 1/1  loss 1.25
// element 65/70  epoch 1/1  loss 1.511
// element 66/70  epoch 1/1  loss 1.873
// element 67/70  epoch 1/1  loss 2.37
// element 68/70  epoch 1/1  loss 3.041
// element 69/70  epoch 1/1  loss 3.937
// element 70/70  epoch 1/1  loss 5.123
