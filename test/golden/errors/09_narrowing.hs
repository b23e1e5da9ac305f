model Score(x: f32[4]) -> f32[1] = x |> dense(1)
let points = rows(f64([[1, 2, 3, 4]])) |> map(x => { features: x, y: 1.0 })
let net = train(Score, points,
  loss: (m, r) => mse(m(r.features)[0], r.y),
  optimizer: sgd(0.1), epochs: 1)
print net([1.0, 2.0, 3.0, 4.0])

//= error
// error: Score takes f32[4], this is f64[4]
//   --> 09_narrowing.hs:4:25
//  4 |   loss: (m, r) => mse(m(r.features)[0], r.y),
//    |                         ^^^^^^^^^^
// help: f32(r.features)
// exit 2
