print rows([5, 6]) |> zip_index |> collect

//= error
// limit: zip_index of rows that are no records is not built yet
//   --> numbers_for_rows_without_names.hs:1:23
//  1 | print rows([5, 6]) |> zip_index |> collect
//    |                       ^^^^^^^^^
// help: map(x => { value: x }) before it
// exit 2
