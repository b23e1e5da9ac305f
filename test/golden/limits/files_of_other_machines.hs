// A path with a scheme is no file of this machine; that a net cannot be saved there is said before it is trained
let days = csv("https://example.org/days.csv")
model M(x: f32[2]) -> f32[1] = x |> dense(1)
print count(days)
print load(M, "hdfs://data/m.safetensors")([1, 2])
save init(M) to "s3://nets/m.safetensors"

//= error
// limit: `https:` in a path is not built yet
//   --> files_of_other_machines.hs:2:16
//  2 | let days = csv("https://example.org/days.csv")
//    |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: the path of a file on this machine
//
// limit: `hdfs:` in a path is not built yet
//   --> files_of_other_machines.hs:5:15
//  5 | print load(M, "hdfs://data/m.safetensors")([1, 2])
//    |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: the path of a file on this machine
//
// limit: `s3:` in a path is not built yet
//   --> files_of_other_machines.hs:6:17
//  6 | save init(M) to "s3://nets/m.safetensors"
//    |                 ^^^^^^^^^^^^^^^^^^^^^^^^^
// help: the path of a file on this machine
// exit 2
