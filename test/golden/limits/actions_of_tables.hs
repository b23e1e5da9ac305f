print rows([1.0, 2.0]) |> reduce((a, b) => a + b)

//= error
// limit: `reduce` is not built yet
//   --> actions_of_tables.hs:1:27
//  1 | print rows([1.0, 2.0]) |> reduce((a, b) => a + b)
//    |                           ^^^^^^^^^^^^^^^^^^^^^^^
// help: sum, mean, min, max of an rdd
// exit 2
