print fold(range(3), 0, (s, i) => s + length(string(i)))

//= error
// limit: `string` in what a fold, an iterate or a map over a tensor repeats is not built yet
//   --> texts_in_a_fold_over_a_tensor.hs:1:46
//  1 | print fold(range(3), 0, (s, i) => s + length(string(i)))
//    |                                              ^^^^^^^^^
// help: rows(x) |> map(..): texts are made of rows
// exit 2
