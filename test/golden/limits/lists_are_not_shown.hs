// What is in a list of a row is shown by what is made of it
let sales: rdd { id: i32, note: string } = csv("../data/sales.csv")
print sales |> map(r => { r.id, words: words(r.note) })
//= error
// limit: showing a list in a row is not built yet
//   --> lists_are_not_shown.hs:3:1
//  3 | print sales |> map(r => { r.id, words: words(r.note) })
//    | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: flat_map(..), or a map to what is wanted of it: length(r.words)
// exit 2
