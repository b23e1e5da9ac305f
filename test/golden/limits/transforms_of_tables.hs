let d = rows([1.0, 2.0])
print d |> group_by(x => x, g => { n: count(g) })
print d |> join(d, on: "x")
print d |> sort_by(x => x)
print d |> distinct
print d |> union(d) |> count
print d |> flat_map(x => [x, x]) |> count
print d |> window(2) |> count

//= error
// limit: `group_by` is not built yet
//   --> transforms_of_tables.hs:2:12
//  2 | print d |> group_by(x => x, g => { n: count(g) })
//    |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: tables are read as numbers: csv, json, parquet; libsvm, idx, npy and safetensors files, too
//
// limit: `join` is not built yet
//   --> transforms_of_tables.hs:3:12
//  3 | print d |> join(d, on: "x")
//    |            ^^^^^^^^^^^^^^^^
// help: tables are read as numbers: csv, json, parquet; libsvm, idx, npy and safetensors files, too
//
// limit: `sort_by` is not built yet
//   --> transforms_of_tables.hs:4:12
//  4 | print d |> sort_by(x => x)
//    |            ^^^^^^^^^^^^^^^
// help: tables are read as numbers: csv, json, parquet; libsvm, idx, npy and safetensors files, too
//
// limit: `distinct` is not built yet
//   --> transforms_of_tables.hs:5:12
//  5 | print d |> distinct
//    |            ^^^^^^^^
// help: tables are read as numbers: csv, json, parquet; libsvm, idx, npy and safetensors files, too
//
// limit: `union` is not built yet
//   --> transforms_of_tables.hs:6:12
//  6 | print d |> union(d) |> count
//    |            ^^^^^^^^
// help: tables are read as numbers: csv, json, parquet; libsvm, idx, npy and safetensors files, too
//
// limit: `flat_map` is not built yet
//   --> transforms_of_tables.hs:7:12
//  7 | print d |> flat_map(x => [x, x]) |> count
//    |            ^^^^^^^^^^^^^^^^^^^^^
// help: filter and map keep one record for each
//
// limit: `window` is not built yet
//   --> transforms_of_tables.hs:8:12
//  8 | print d |> window(2) |> count
//    |            ^^^^^^^^^
// help: batch(d, n) takes n records as one
// exit 2
