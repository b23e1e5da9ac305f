fn f(x) = x |> dense(3)
print f([1.0, 2.0])
print rows([[1.0, 2.0]]) |> map(x => x |> dense(3))
print dense([1.0, 2.0], 3)

//= error
// error: dense is a layer: a fn cannot hold its weights
//   --> layers_where_none_can_be.hs:1:16
//  1 | fn f(x) = x |> dense(3)
//    |                ^^^^^
// help: write `layer` instead of `fn`
//
// error: dense is a layer: it has no weights yet
//   --> layers_where_none_can_be.hs:3:43
//  3 | print rows([[1.0, 2.0]]) |> map(x => x |> dense(3))
//    |                                           ^^^^^
// help: call it in a `layer` or `model`, and that model with the weights of train(..), load(..) or init(..)
//
// error: dense is a layer: it has no weights yet
//   --> layers_where_none_can_be.hs:4:7
//  4 | print dense([1.0, 2.0], 3)
//    |       ^^^^^
// help: call it in a `layer` or `model`, and that model with the weights of train(..), load(..) or init(..)
// exit 2
