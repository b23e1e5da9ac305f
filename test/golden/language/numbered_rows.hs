// by hand
let d = rows([5.0, 6.0, 7.0])
print d |> map(x => { x: x }) |> zip_index |> filter(r => r.index > 0) |> take(2) |> collect

//= run
// { x: [6, 7], index: [1, 2] }
