let d = rows([3.0, 1.0, 2.0]) |> map(x => { x: x, y: -x })
let a = collect(d |> filter(r => r.x > 1))
let b = collect(d |> filter(r => r.y > -2))
print "before"
print a.x + b.y

//= error
// error: shapes differ in `+`: f32[a_rows] and f32[b_rows]: 2 and 1
//   --> dims_of_data_differ.hs:5:7
//  5 | print a.x + b.y
//    |       ^^^^^^^^^
// exit 2
