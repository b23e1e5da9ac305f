// one coordinate of a pair is too large
let m = reshape(range(20), [4, 5])
print rows([[1, 2], [0, 4]]) |> map(p => m[p, [0, 1]])
//= run
// stderr:
// error: index `p` is out of range: axis 0 has 4
//   --> run_place_out_of_range.hs:3:44
//  3 | print rows([[1, 2], [0, 4]]) |> map(p => m[p, [0, 1]])
//    |                                            ^
// note: in row 1, counted from 0
// exit 1
