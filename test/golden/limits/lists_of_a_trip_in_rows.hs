// what the function around rows makes for them is a value of each trip: a list is none
let d = rows(range(3)) |> map(x => { x, t: string(x) })
print map(range(2), i => d |> map(r => { n: r.x, l: map(range(2), j => string(j + i)) }) |> map(r => count(r.l) + r.n) |> sum)

//= error
// limit: a list that a function around the rows makes for them where texts, times, lists or joined tables are made is not built yet
//   --> lists_of_a_trip_in_rows.hs:3:53
//  3 | print map(range(2), i => d |> map(r => { n: r.x, l: map(range(2), j => string(j + i)) }) |> map(r => count(r.l) + r.n) |> sum)
//    |                                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: one string of it, as fold(.., "", (s, x) => s + x): what hangs on no row is made before the rows
// exit 2
