// the sides are known when the data are: 12 elements are not 3 times 0 times 2
let n = rows(range(10)) |> filter(i => i < 3) |> count
print reshape(range(n * 4), [n, 0.0, 2])

//= error
// error: [12] has 12 elements, [3, 0, 2] has 0
//   --> run_reshape_of_counted_sides.hs:3:7
//  3 | print reshape(range(n * 4), [n, 0.0, 2])
//    |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// exit 2
