layer block(x: f32[c, h, w], filters: int, stride = 1) = {
  let y = x |> conv(filters, kernel: 3, pad: 1) |> relu |> conv(filters, kernel: 3, pad: 1)
  let skip = x |> conv(filters, kernel: 1, stride: 2)
  relu(y + skip)
}
model Net(x: f32[3, 32, 32]) -> f32[10] = x |> block(64) |> flatten |> dense(10)
print init(Net)(zeros([3, 32, 32]))

//= error
// error: shapes differ in `+`: f32[64, 32, 32] and f32[64, 16, 16]
//   --> 01_shapes_between_layers.hs:4:8
//  4 |   relu(y + skip)
//    |        ^^^^^^^^ axis 1: 32 and 16
// note: 16 = div(32 - 1, 2) + 1, from `stride: 2` of conv
//   --> 01_shapes_between_layers.hs:3:44
// help: give both paths the same stride: conv(filters, kernel: 1, stride: stride)
// exit 2
