let d = rows([1.0, 2.0])
print d |> quantile(0.5)
print d |> count_distinct
print d |> describe
print d |> reduce((a, b) => a + b)
print vocab(d).size

//= error
// limit: `count_distinct` is not built yet
//   --> actions_of_tables.hs:3:12
//  3 | print d |> count_distinct
//    |            ^^^^^^^^^^^^^^
// help: tables are read as numbers: csv, json, parquet; libsvm, idx, npy and safetensors files, too
//
// limit: `reduce` is not built yet
//   --> actions_of_tables.hs:5:12
//  5 | print d |> reduce((a, b) => a + b)
//    |            ^^^^^^^^^^^^^^^^^^^^^^^
// help: sum, mean, min, max of an rdd
//
// limit: `vocab` is not built yet
//   --> actions_of_tables.hs:6:7
//  6 | print vocab(d).size
//    |       ^^^^^^^^
// help: tables are read as numbers: csv, json, parquet; libsvm, idx, npy and safetensors files, too
// exit 2
