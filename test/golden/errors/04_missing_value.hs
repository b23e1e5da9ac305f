let birds: rdd { speed: i64?, cost: f64 } = csv("../data/table.csv")
print birds |> mean(r => r.speed / 100)

//= error
// error: r.speed may be missing (i64?), and `/` needs a number
//   --> 04_missing_value.hs:2:26
//  2 | print birds |> mean(r => r.speed / 100)
//    |                          ^^^^^^^
// help: (r.speed ?? 0) / 100, or |> drop_missing before this map
// exit 2
