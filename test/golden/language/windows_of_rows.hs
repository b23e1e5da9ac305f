// n rows one after the other as one; by hand
let sales: rdd { id: i32, user: string, price: f64 } = csv("../data/sales.csv")
print sales |> map(r => { r.id, r.price }) |> window(3, stride: 2)
print sales |> sort_by(.user) |> window(2, by: .user) |> map(r => { r.user, ids: r.id, up: r.price[1] - r.price[0] })
//= run
// id         price
// [1, 2, 3]  [2.5, 10, 1.25]
// [3, 4, 5]  [1.25, 7, 0.5]
// user  ids        up
// ann   [1, 3]  -1.25
// ann   [3, 6]   1.75
// bob   [2, 5]  -9.5
