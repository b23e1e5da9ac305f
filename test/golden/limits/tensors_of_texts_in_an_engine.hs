// a column of texts with sides is a kernel's: an engine has lists
let d = csv("../data/sales.csv") |> map(r => { r.user, r.pieces })
let names = collect(d).user
print d |> map(r => { r.pieces, names }) |> filter(r => length(r.names[0]) > r.pieces)

//= error
// limit: a tensor of string where texts, times, lists or joined tables are made is not built yet
//   --> tensors_of_texts_in_an_engine.hs:4:45
//  4 | print d |> map(r => { r.pieces, names }) |> filter(r => length(r.names[0]) > r.pieces)
//    |                                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: a list of them: map(.., s => s)
// exit 2
