let birds = csv("../data/table.csv")
print birds |> mean(.spede)
let some: rdd { spede: i64? } = csv("../data/table.csv")
print count(some)

//= error
// error: no column `spede` in ../data/table.csv
//   --> 06_column_name.hs:2:22
//  2 | print birds |> mean(.spede)
//    |                      ^^^^^ did you mean `speed`?
// note: columns: speed i64?, cost f64, name string
//
// error: no column `spede` in ../data/table.csv
//   --> 06_column_name.hs:3:17
//  3 | let some: rdd { spede: i64? } = csv("../data/table.csv")
//    |                 ^^^^^ did you mean `speed`?
// note: columns: speed i64?, cost f64, name string
// exit 2
