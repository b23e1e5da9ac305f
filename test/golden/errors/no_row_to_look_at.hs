let d = rows([3.0, 1.0, 2.0]) |> filter(x => x > 3)
let all = collect(d)
print sum(all)
print all[0]

//= error
// error: slice reaches from 0 to 1, axis 0 has 0
//   --> no_row_to_look_at.hs:4:7
//  4 | print all[0]
//    |       ^^^^^^
// exit 2
