// Rows of one key go together
let sales: rdd { id: i32, user: string } = csv("../data/sales.csv")
let part = sales |> split({ a: 0.5, b: 0.5 }, by: .user)
print part.a |> map(.user) |> distinct
print part.b |> map(.user) |> distinct
print count(part.a) + count(part.b)
//= run
// bob
// cid
// ann
// 6
