let d = rows([1.0, 2.0])
print grad(w => d |> map(x => x * w) |> quantile(0.5))(2.0)

//= error
// error: no gradient flows through the max of an rdd
//   --> gradient_through_a_quantile.hs:2:41
//  2 | print grad(w => d |> map(x => x * w) |> quantile(0.5))(2.0)
//    |                                         ^^^^^^^^^^^^^
// help: stop_gradient(..) of it where none is meant; sum and mean of an rdd have one
// exit 2
