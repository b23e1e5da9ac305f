model LeNet(x: f32[28, 28]) -> f32[10] =
  x |> unsqueeze(0)
    |> conv(20, kernel_size: 5)
    |> flatten |> dense(10)
print init(LeNet)(zeros([28, 28]))

//= error
// error: conv has no argument `kernel_size`
//   --> 15_unknown_argument.hs:3:17
//  3 |     |> conv(20, kernel_size: 5)
//    |                 ^^^^^^^^^^^ did you mean `kernel`?
// note: conv(x, filters, kernel, stride = 1, pad = 0, dilation = 1, groups = 1, bias = true, init = he(), name)
// exit 2
