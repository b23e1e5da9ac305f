let d = rows([3.0, 1.0, 2.0])
let n = count(d |> filter(x => x > 2)) - 2
print n
let m = i32(sum(d |> filter(x => x > 2)) - 4)
print zeros([m])

//= error
// error: a dim is a whole number from 0 on: `m` is -1
//   --> dim_below_zero.hs:4:5
//  4 | let m = i32(sum(d |> filter(x => x > 2)) - 4)
//    |     ^
// exit 2
