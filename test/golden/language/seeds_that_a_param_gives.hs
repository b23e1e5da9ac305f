// A seed that the run gives, where an engine chooses: the rows that the same program with `let s = 3` chooses
param s = 3
let d = csv("../data/sales.csv")
print d |> group_by(.user, g => { f: map(shuffle(g, seed: s), .id), n: sample(g, 0.5, seed: s + 1) |> count })
print d |> shuffle(seed: s) |> sort_by(.user) |> map(.id)
//= run
// user  f          n
// ann   [3, 6, 1]  1
// bob   [2, 5]     2
// cid   [4]        1
// 1
// 3
// 6
// 2
// 5
// 4
