// By a key, ties in the order that was, what is missing last whatever the direction; by hand
let sales: rdd { id: i32, user: string, price: f64, note: string? } = csv("../data/sales.csv")
print sales |> sort_by(.user) |> map(r => { r.user, r.id })
print sales |> sort_by(.note, descending: true) |> map(r => { r.note, r.id })
print sales |> sort_by(r => { r.user, price: 0 - r.price }) |> map(.id) |> take(3)
print sales |> map(r => { r.id, x: dot([1.0, 2.0], [f32(r.price), f32(r.id % 2)]) }) |> sort_by(.x, descending: true) |> take(2)
//= run
// user  id
// ann    1
// ann    3
// ann    6
// bob    2
// bob    5
// cid    4
// note         id
// two, please   1
// gift          3
// gift          6
// GIFT wrap     4
// none          2
// none          5
// 6
// 1
// 3
// id   x
//  2  10
//  4   7
