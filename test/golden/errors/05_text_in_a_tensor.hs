let birds = csv("../data/table.csv")
print birds |> map(r => [r.cost, r.name]) |> mean
print birds |> mean(r => [r.cost, r.speed])

//= error
// error: a tensor holds numbers, r.name is string
//   --> 05_text_in_a_tensor.hs:2:34
//  2 | print birds |> map(r => [r.cost, r.name]) |> mean
//    |                                  ^^^^^^
// help: let names = birds |> vocab(.name)   then names.index(r.name), or one_hot(names.index(r.name), names.size)
//
// error: r.speed may be missing (i64?), and `[ ]` needs numbers
//   --> 05_text_in_a_tensor.hs:3:35
//  3 | print birds |> mean(r => [r.cost, r.speed])
//    |                                   ^^^^^^^
// help: r.speed ?? 0, or |> drop_missing before this map
// exit 2
