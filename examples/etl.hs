// Orders to features to scores: joins and groups in the engine, the formula in kernels, missing values filled where they are read (data: npx node test/data/make.ts).
let orders: rdd { order: i64, user: i64, at: time, price: f64, pieces: i32, coupon: string? } = parquet("data/tables/orders/*.parquet")
let users: rdd { user: i64, country: string, born: i32? } = csv("data/tables/users.csv")
let rates: rdd { country: string, vat: f64 } = csv("data/tables/vat.csv")

let features = orders
  |> filter(r => year(r.at) == 2025)
  |> join(users, on: "user") |> join(rates, on: "country", how: "left")
  |> map(r => { ...r, net: r.price * f64(r.pieces) / (1 + (r.vat ?? 0.2)) })
  |> group_by(.user, g => {
       orders: count(g), spent: sum(g, .net), last: max(g, .at),
       coupons: mean(g, r => r.coupon != none), born: first(g).born })

let newest = features |> max(.last)
let w = [0.8, -0.3, 1.2]
let scores = features |> map(r => {
  r.user, r.spent, age: 2025 - (r.born ?? 1980),
  score: sigmoid(dot(w, vector({ a: log1p(r.spent), b: (seconds(newest) - seconds(r.last)) / 86400, c: r.coupons }))) })

print newest = newest
print scores |> sort_by(.score, descending: true) |> take(10)
save scores to "scores.parquet"

//= run
// newest = 2025-12-25 05:26:08
// user    spent  age     score
//   96  5363.22   37  0.999248
//   66  4906.63   72  0.99918
//   26  5005.22   75  0.999127
//   80  3844.66   48  0.999081
//   64  4275.63   29  0.998997
//   34  3842      64  0.998992
//  115  3291.78   75  0.998931
//   50  3114.13   62  0.998902
//  116  3929.22   44  0.998836
//   58  2748.96   71  0.998759
