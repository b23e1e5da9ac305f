model Score(x: f32) -> f32 = reshape([x], [1]) |> dense(1) |> sum
let birds = csv("../data/table.csv")
let net = train(Score, birds, loss: (m, r) => m(r.cost)^2, optimizer: sgd(0.1), epochs: 1)
print net(1.0)

//= error
// error: Score takes f32, this is f64
//   --> 09_narrowing_of_a_column.hs:3:49
//  3 | let net = train(Score, birds, loss: (m, r) => m(r.cost)^2, optimizer: sgd(0.1), epochs: 1)
//    |                                                 ^^^^^^ f64: read from ../data/table.csv
// help: f32(r.cost), or write the type of the source: let rows: rdd { cost: f32 } = ...
// exit 2
