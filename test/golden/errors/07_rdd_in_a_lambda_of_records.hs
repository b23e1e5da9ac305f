let users = rows([1.0, 2.0]) |> map(x => { user: x, name: x })
let orders = rows([2.0, 3.0]) |> map(x => { user: x, price: x })
print orders |> map(o => users |> filter(u => u.user == o.user))
print orders |> group_by(.user, g => { n: count(g), all: count(users) })

//= error
// error: `users` is an rdd and cannot be read for each record of `orders`
//   --> 07_rdd_in_a_lambda_of_records.hs:3:26
//  3 | print orders |> map(o => users |> filter(u => u.user == o.user))
//    |                          ^^^^^
// help: orders |> join(users, on: "user"); a small one: let table = collect(users)
//
// error: `users` is an rdd and cannot be read for each record of `orders`
//   --> 07_rdd_in_a_lambda_of_records.hs:4:64
//  4 | print orders |> group_by(.user, g => { n: count(g), all: count(users) })
//    |                                                                ^^^^^
// help: a small one: let table = collect(users)
// exit 2
