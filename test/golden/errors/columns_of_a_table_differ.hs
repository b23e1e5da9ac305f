let sold: rdd { speed: i64?, cost: f64, name: f32 } = csv("../data/table.csv")
print sold |> mean(.name)

//= error
// error: ../data/table.csv, row 1, column `name`: "a" is no f32
//   --> columns_of_a_table_differ.hs:1:59
//  1 | let sold: rdd { speed: i64?, cost: f64, name: f32 } = csv("../data/table.csv")
//    |                                                           ^^^^^^^^^^^^^^^^^^^
// exit 2
