let users = rows([1.0, 2.0])
let orders = rows([2.0, 3.0])
print orders |> map(o => users |> filter(u => u == o))

//= error
// error: `users` is an rdd and cannot be read for each record of `orders`
//   --> 07_rdd_in_a_lambda.hs:3:26
//  3 | print orders |> map(o => users |> filter(u => u == o))
//    |                          ^^^^^
// help: a small one: let table = collect(users)
// exit 2
