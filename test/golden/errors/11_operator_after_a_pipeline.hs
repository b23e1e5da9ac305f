let rows = rows([1.0, 2.0])
let m = rows |> mean + 1
print m

//= error
// error: `+` after a pipeline
//   --> 11_operator_after_a_pipeline.hs:2:22
//  2 | let m = rows |> mean + 1
//    |                      ^
// help: (rows |> mean) + 1
// exit 2
