// A training draws anew in each epoch, an engine makes a table once
let sales: rdd { id: i32, user: string, price: f32 } = csv("../data/sales.csv")
model M(x: f32) -> f32 = unsqueeze(x, 0) |> dense(1) |> reshape([])
let rows = sales |> map(r => { user: substring(r.user, randint(0, 3), 2), x: r.price })
let net = train(M, rows, loss: (m, r) => mse(m(r.x), f32(length(r.user))), optimizer: sgd(0.01), epochs: 2)
let groups = sales |> map(r => { x: r.price + normal() }) |> batch(2)
let other = train(M, groups, loss: (m, r) => mse(m(r.x[0]), r.x[1]), optimizer: sgd(0.01), epochs: 2)
print net(1.0) + other(1.0)

//= error
// limit: a text of what a training draws anew is not built yet
//   --> chance_in_texts_of_a_training.hs:5:58
//  5 | let net = train(M, rows, loss: (m, r) => mse(m(r.x), f32(length(r.user))), optimizer: sgd(0.01), epochs: 2)
//    |                                                          ^^^^^^^^^^^^^^
// help: cache(..) after the draw: it is made once for all epochs
// exit 2
