print lmdb("a") |> count

//= error
// limit: `lmdb` is not built yet
//   --> lmdb.hs:1:7
//  1 | print lmdb("a") |> count
//    |       ^^^^^^^^^
// help: images(..) of the pictures in a folder
// exit 2
