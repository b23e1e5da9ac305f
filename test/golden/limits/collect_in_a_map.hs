param x = 1.0
let d = rows([1.0, 2.0])
print map([1.0, 2.0] * x, t => collect(map(d, y => y * t)))

//= error
// limit: `collect` or `train` for each element of a `map` is not built yet
//   --> collect_in_a_map.hs:3:32
//  3 | print map([1.0, 2.0] * x, t => collect(map(d, y => y * t)))
//    |                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: let a = f(xs[0])   let b = f(xs[1])
// exit 2
