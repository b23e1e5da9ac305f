let d = rows(range(5)) |> filter(x => x > 7)
print count(d)
print min(d)

//= error
// error: there are no rows, and of nothing there is no least and no greatest
//   --> run_least_of_nothing.hs:3:7
//  3 | print min(d)
//    |       ^^^^^^
// exit 1
