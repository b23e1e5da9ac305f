let sold: rdd { speed: i64, cost: string, name: f32, price: f64 } = csv("../data/table.csv")
print sold |> mean(.price)

//= error
// error: no column `price` in ../data/table.csv
//   --> written_type_and_table_differ.hs:1:54
//  1 | let sold: rdd { speed: i64, cost: string, name: f32, price: f64 } = csv("../data/table.csv")
//    |                                                      ^^^^^
// note: columns: speed i64?, cost f64, name string
// exit 2
