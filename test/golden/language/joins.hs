// Rows with equal columns of one name, in the order of the left; by hand
let sales: rdd { id: i32, user: string, price: f64 } = csv("../data/sales.csv")
let users: rdd { user: string, city: string, born: i32? } = csv("../data/users.csv")
print sales |> join(users, on: "user")
print left = sales |> take(4) |> join(users, on: "user", how: "left") |> map(r => { r.id, city: r.city ?? "-", r.born })
print full = sales |> filter(r => r.id > 3) |> join(users, on: "user", how: "full")
print semi = sales |> join(users, on: "user", how: "semi") |> map(.id)
print anti = sales |> join(users, on: "user", how: "anti")
print both = sales |> join(sales |> map(r => { r.user, r.id, cost: 2 * r.price }), on: ["user", "id"]) |> sum(.cost)
//= run
// id  user  price  city  born
//  1  ann    2.5   Oslo  1980
//  2  bob   10     Bern  none
//  3  ann    1.25  Oslo  1980
//  5  bob    0.5   Bern  none
//  6  ann    3     Oslo  1980
// left =
// id  city  born
//  1  Oslo  1980
//  2  Bern  none
//  3  Oslo  1980
//  4  -     none
// full =
//   id  user  price  city  born
//    4  cid     7    none  none
//    5  bob     0.5  Bern  none
//    6  ann     3    Oslo  1980
// none  dan    none  Łódź  2001
// semi =
// 1
// 2
// 3
// 5
// 6
// anti =
// id  user  price
//  4  cid       7
// both = 48.5
