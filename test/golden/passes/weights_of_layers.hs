layer block(x: f32[c, h, w], filters: int) =
  x |> conv(filters, kernel: 3, pad: 1) |> relu |> conv(filters, kernel: 3, pad: 1)
model Net(x: f32[1, 8, 8]) -> f32[10] =
  x |> block(4) |> repeat(2, h => h |> block(4)) |> flatten |> dense(10, name: "head")
print init(Net)(zeros([1, 8, 8]))

//= weights
// block1.conv1.w: f32[4, 1, 3, 3]
// block1.conv1.b: f32[4]
// block1.conv2.w: f32[4, 4, 3, 3]
// block1.conv2.b: f32[4]
// repeat1.0.block1.conv1.w: f32[4, 4, 3, 3]
// repeat1.0.block1.conv1.b: f32[4]
// repeat1.0.block1.conv2.w: f32[4, 4, 3, 3]
// repeat1.0.block1.conv2.b: f32[4]
// repeat1.1.block1.conv1.w: f32[4, 4, 3, 3]
// repeat1.1.block1.conv1.b: f32[4]
// repeat1.1.block1.conv2.w: f32[4, 4, 3, 3]
// repeat1.1.block1.conv2.b: f32[4]
// head.w: f32[256, 10]
// head.b: f32[10]
