model Net(x: f32[4]) -> f32[2] = x |> dense(0) |> relu |> dense(2)
print init(Net)([1, 2, 3, 4])

//= error
// error: the weight dense1.w has no elements: f32[4, 0]
//   --> layer_of_no_units.hs:1:39
//  1 | model Net(x: f32[4]) -> f32[2] = x |> dense(0) |> relu |> dense(2)
//    |                                       ^^^^^^^^
// note: in the prelude: weight w: float[i, units] = init
//   --> prelude/layers.hs:4:13
//
// error: the weight dense1.b has no elements: f32[0]
//   --> layer_of_no_units.hs:1:39
//  1 | model Net(x: f32[4]) -> f32[2] = x |> dense(0) |> relu |> dense(2)
//    |                                       ^^^^^^^^
// note: in the prelude: weight b: float[units] = 0
//   --> prelude/layers.hs:5:13
// exit 2
