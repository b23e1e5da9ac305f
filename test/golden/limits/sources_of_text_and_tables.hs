print arrow("a.arrow") |> count
print text("a.txt") |> count
print images("*.png", size: 8) |> count
print lmdb("a") |> count

//= error
// limit: `arrow` is not built yet
//   --> sources_of_text_and_tables.hs:1:7
//  1 | print arrow("a.arrow") |> count
//    |       ^^^^^^^^^^^^^^^^
// help: tables are read as numbers: csv, json, parquet; libsvm, idx, npy and safetensors files, too
//
// limit: `text` is not built yet
//   --> sources_of_text_and_tables.hs:2:7
//  2 | print text("a.txt") |> count
//    |       ^^^^^^^^^^^^^
// help: tables are read as numbers: csv, json, parquet; libsvm, idx, npy and safetensors files, too
//
// limit: `images` is not built yet
//   --> sources_of_text_and_tables.hs:3:7
//  3 | print images("*.png", size: 8) |> count
//    |       ^^^^^^^^^^^^^^^^^^^^^^^^
// help: tables are read as numbers: csv, json, parquet; libsvm, idx, npy and safetensors files, too
//
// limit: `lmdb` is not built yet
//   --> sources_of_text_and_tables.hs:4:7
//  4 | print lmdb("a") |> count
//    |       ^^^^^^^^^
// help: tables are read as numbers: csv, json, parquet; libsvm, idx, npy and safetensors files, too
// exit 2
