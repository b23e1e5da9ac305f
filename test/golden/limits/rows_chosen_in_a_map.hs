param x = 1.0
let d = rows([1.0, 2.0, 3.0])
print map([1.0, 2.0] * x, t => count(filter(d, y => y > t)))

//= error
// limit: choosing rows anew for each element of a `map` is not built yet
//   --> rows_chosen_in_a_map.hs:3:38
//  3 | print map([1.0, 2.0] * x, t => count(filter(d, y => y > t)))
//    |                                      ^^^^^^^^^^^^^^^^^^^^^
// help: sum(d, r => where(.., .., 0)): one pass for all
// exit 2
