let d = rows([[1.0, 2.0], [3.0, 4.0]])
print d |> map(x => x + uniform()) |> batch(2) |> map(xs => sum(xs)) |> collect

//= error
// limit: `batch` of rows that are drawn by chance is not built yet
//   --> chance_in_a_batch.hs:2:39
//  2 | print d |> map(x => x + uniform()) |> batch(2) |> map(xs => sum(xs)) |> collect
//    |                                       ^^^^^^^^
// help: |> batch(n) first, then |> map(..)
// exit 2
