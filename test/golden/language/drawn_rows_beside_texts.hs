// What is drawn anew in each epoch stands beside what an engine makes of the same row: the loss is that of `n: f32(length(r.user))` in the map
let sales: rdd { id: i32, user: string, price: f32 } = csv("../data/sales.csv")
model M(x: f32) -> f32 = unsqueeze(x, 0) |> dense(1) |> reshape([])
let drawn = sales |> map(r => { r.user, x: r.price + normal() })
let net = train(M, drawn, loss: (m, r) => mse(m(r.x), f32(length(r.user))), optimizer: sgd(0.01), epochs: 2)
print net(1.0)
let d = [[1.0, 2.0], [3.0, 4.0]]
print rows(d) |> map(x => x + floor(uniform())) |> batch(2) |> map(xs => sum(xs)) |> collect
//= run
// 0.60220367
// [10]
// stderr:
// epoch 1/2  step 1/1  loss 27.18
// epoch 2/2  step 1/1  loss 6.001
