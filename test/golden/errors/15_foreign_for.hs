for i in range(3): print i

//= error
// error: no `for`: values are made with functions of collections
//   --> 15_foreign_for.hs:1:1
//  1 | for i in range(3): print i
//    | ^^^
// help: xs |> map(x => ..), or fold(xs, start, (sum, x) => ..)
// exit 2
