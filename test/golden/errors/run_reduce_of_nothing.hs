print rows([1.0, 2.0]) |> filter(x => x > 5) |> reduce((a, b) => a + b)

//= error
// error: there are no rows, and of nothing reduce makes nothing
//   --> run_reduce_of_nothing.hs:1:49
//  1 | print rows([1.0, 2.0]) |> filter(x => x > 5) |> reduce((a, b) => a + b)
//    |                                                 ^^^^^^^^^^^^^^^^^^^^^^^
// exit 1
