// each row has its own, whatever is filtered before: the key is folded with the row's number; figures: jax.random
let d = rows(range(6)) |> filter(i => i != 1) |> map(i => { i: i, u: uniform() })
print d |> take(3) |> collect

//= run
// { i: [0, 2, 3], u: [0.30907273, 0.54418314, 0.11532891] }
