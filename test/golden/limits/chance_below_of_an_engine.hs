// A training draws anew in each epoch, an engine makes a table once
let sales: rdd { id: i32, user: string, price: f32 } = csv("../data/sales.csv")
model M(x: f32) -> f32 = unsqueeze(x, 0) |> dense(1) |> reshape([])
let rows = sales |> map(r => { r.user, x: r.price + normal() })
let net = train(M, rows, loss: (m, r) => mse(m(r.x), f32(length(r.user))), optimizer: sgd(0.01), epochs: 2)
print net(1.0)
//= error
// limit: chance in rows of which an engine makes others for a training is not built yet
//   --> chance_below_of_an_engine.hs:4:21
//  4 | let rows = sales |> map(r => { r.user, x: r.price + normal() })
//    |                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: cache(..) after it, which draws once for all epochs
// exit 2
