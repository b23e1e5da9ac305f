model Net(x: f32[1, 8, 8]) -> f32[2] = x |> conv(0, kernel: 3) |> flatten |> dense(2)
print init(Net)(zeros([1, 8, 8]))

//= error
// error: the weight conv1.w has no elements: f32[0, 1, 3, 3]
//   --> convolution_of_no_filters.hs:1:45
//  1 | model Net(x: f32[1, 8, 8]) -> f32[2] = x |> conv(0, kernel: 3) |> flatten |> dense(2)
//    |                                             ^^^^^^^^^^^^^^^^^^
// note: in the prelude: weight w: float[filters, div(c, groups), kernel[0], kernel[1]] = init
//   --> prelude/layers.hs:16:13
//
// error: the weight conv1.b has no elements: f32[0]
//   --> convolution_of_no_filters.hs:1:45
//  1 | model Net(x: f32[1, 8, 8]) -> f32[2] = x |> conv(0, kernel: 3) |> flatten |> dense(2)
//    |                                             ^^^^^^^^^^^^^^^^^^
// note: in the prelude: weight b: float[filters] = 0
//   --> prelude/layers.hs:17:13
// exit 2
