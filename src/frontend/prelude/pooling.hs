// Pools are reductions over windows. With `ceil` the sides are Caffe's: rounded up, but no window starts in the padding;
// padding `minimum(size - 1, pad + stride - 1)` behind the end leaves just those windows.

fn pool_end(size, stride, pad, ceil) = if ceil then minimum(size - 1, pad + stride - 1) else pad
// float[c, h, w] to float[c, rows, size[0], columns, size[1]]
fn pool_windows(x, size, stride, pad, ceil, fill) =
  x |> padded([[0, 0], [pad[0], pool_end(size[0], stride[0], pad[0], ceil)], [pad[1], pool_end(size[1], stride[1], pad[1], ceil)]], fill)
    |> window(size[0], stride: stride[0], axis: 1) |> window(size[1], stride: stride[1], axis: 3)

fn max_pool(x: float[c, h, w], size: int[2], stride: int[2] = size, pad: int[2] = 0, ceil = false) =
  max(pool_windows(x, size, stride, pad, ceil, -inf), axis: [2, 4])

// how many of a window's places lie in the padded input, for each window of one side
fn pool_places(count, side, size, stride) = f32(minimum(size, side - range(count) * stride))
fn avg_pool(x: float[c, h, w], size: int[2], stride: int[2] = size, pad: int[2] = 0, ceil = false) = {
  let windows = pool_windows(x, size, stride, pad, ceil, 0)
  let total = sum(windows, axis: [2, 4])
  if ceil then {
    let rows = pool_places(shape(windows)[1], h + 2 * pad[0], size[0], stride[0])
    let columns = pool_places(shape(windows)[3], w + 2 * pad[1], size[1], stride[1])
    total / (unsqueeze(rows, 1) * columns)
  } else total / (size[0] * size[1])
}

fn global_avg_pool(x: float[c, ...]) -> float[c] = mean(reshape(x, [c, -1]), axis: 1)

// Caffe's, across channels
fn lrn(x: float[c, h, w], size = 5, alpha = 1e-4, beta = 0.75, k = 1) = {
  let before = div(size - 1, 2)
  let squares = x * x |> padded([[before, size - 1 - before], [0, 0], [0, 0]]) |> window(size, axis: 0)
  x / (k + alpha / size * sum(squares, axis: 1))^beta
}
