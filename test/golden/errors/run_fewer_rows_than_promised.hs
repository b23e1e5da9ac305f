let d = rows(range(5)) |> filter(x => x > 2)
print d |> take(4) |> collect

//= error
// error: there are fewer than 4 rows to collect: there are 2
//   --> run_fewer_rows_than_promised.hs:2:23
//  2 | print d |> take(4) |> collect
//    |                       ^^^^^^^
// exit 1
