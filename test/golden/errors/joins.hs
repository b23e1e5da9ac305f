let people = csv("../data/table.csv")
let prices = people |> map(r => { cost: f32(r.cost), other: 1 })
print people |> join(prices, on: "cost")
print people |> join(people, on: "name")
print people |> join(people |> map(r => { r.speed }), on: "speed")
print people |> join(prices, on: "price")
print people |> join(rename(people, { cost: "other_cost", speed: "other_speed" }), on: "name") |> count
print rows([1.0]) |> join(people, on: "x")

//= error
// error: `cost` is f64 in people and f32 in prices
//   --> joins.hs:3:34
//  3 | print people |> join(prices, on: "cost")
//    |                                  ^^^^^^
// help: prices |> map(r => { ...r, cost: f64(r.cost) }) before the join
//
// error: both sides of the join have a column `speed`
//   --> joins.hs:4:17
//  4 | print people |> join(people, on: "name")
//    |                 ^^^^^^^^^^^^^^^^^^^^^^^^
// help: rename(people, { speed: "other_speed" })
//
// error: `speed` may be missing in people (i64?), and what is missing equals nothing
//   --> joins.hs:5:59
//  5 | print people |> join(people |> map(r => { r.speed }), on: "speed")
//    |                                                           ^^^^^^^
// help: people |> drop_missing before the join, or map(r => { ...r, speed: r.speed ?? .. })
//
// error: no column `price` in ../data/table.csv
//   --> joins.hs:6:34
//  6 | print people |> join(prices, on: "price")
//    |                                  ^^^^^^^
// note: columns: speed i64?, cost f64, name string
//
// error: join needs records, rows([1.0]) is an rdd f32
//   --> joins.hs:8:7
//  8 | print rows([1.0]) |> join(people, on: "x")
//    |       ^^^^^^^^^^^
// help: rows([1.0]) |> map(x => { key: x })
// exit 2
