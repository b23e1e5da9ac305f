print csv("a.csv") |> count
print json("a.json") |> count
print parquet("a.parquet") |> count
print arrow("a.arrow") |> count
print text("a.txt") |> count
print libsvm("a.libsvm") |> count
print images("*.png", size: 8) |> count
print lmdb("a") |> count

//= error
// limit: `csv` is not built yet
//   --> sources_of_text_and_tables.hs:1:7
//  1 | print csv("a.csv") |> count
//    |       ^^^^^^^^^^^^
// help: it needs an engine for text and tables; idx, npy and safetensors files can be read
//
// limit: `json` is not built yet
//   --> sources_of_text_and_tables.hs:2:7
//  2 | print json("a.json") |> count
//    |       ^^^^^^^^^^^^^^
// help: it needs an engine for text and tables; idx, npy and safetensors files can be read
//
// limit: `parquet` is not built yet
//   --> sources_of_text_and_tables.hs:3:7
//  3 | print parquet("a.parquet") |> count
//    |       ^^^^^^^^^^^^^^^^^^^^
// help: it needs an engine for text and tables; idx, npy and safetensors files can be read
//
// limit: `arrow` is not built yet
//   --> sources_of_text_and_tables.hs:4:7
//  4 | print arrow("a.arrow") |> count
//    |       ^^^^^^^^^^^^^^^^
// help: it needs an engine for text and tables; idx, npy and safetensors files can be read
//
// limit: `text` is not built yet
//   --> sources_of_text_and_tables.hs:5:7
//  5 | print text("a.txt") |> count
//    |       ^^^^^^^^^^^^^
// help: it needs an engine for text and tables; idx, npy and safetensors files can be read
//
// limit: `libsvm` is not built yet
//   --> sources_of_text_and_tables.hs:6:7
//  6 | print libsvm("a.libsvm") |> count
//    |       ^^^^^^^^^^^^^^^^^^
// help: it needs an engine for text and tables; idx, npy and safetensors files can be read
//
// limit: `images` is not built yet
//   --> sources_of_text_and_tables.hs:7:7
//  7 | print images("*.png", size: 8) |> count
//    |       ^^^^^^^^^^^^^^^^^^^^^^^^
// help: it needs an engine for text and tables; idx, npy and safetensors files can be read
//
// limit: `lmdb` is not built yet
//   --> sources_of_text_and_tables.hs:8:7
//  8 | print lmdb("a") |> count
//    |       ^^^^^^^^^
// help: it needs an engine for text and tables; idx, npy and safetensors files can be read
// exit 2
