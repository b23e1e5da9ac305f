// The layers of a residual network, for any program to import.
layer unit(x: float[c, h, w], filters: int, stride = 1) -> float[filters, div(h - 1, stride) + 1, div(w - 1, stride) + 1] = {
  let y = x |> conv(filters, kernel: 3, stride: stride, pad: 1, bias: false) |> batch_norm |> relu
            |> conv(filters, kernel: 3, pad: 1, bias: false) |> batch_norm
  let skip = if stride == 1 and c == filters then x
             else x |> conv(filters, kernel: 1, stride: stride, bias: false) |> batch_norm
  relu(y + skip)
}
layer features(x: float[3, h, w]) -> float[128] =
  x |> conv(32, kernel: 3, pad: 1, bias: false) |> batch_norm |> relu
    |> repeat(2, y => y |> unit(32))
    |> unit(64, stride: 2) |> unit(64)
    |> unit(128, stride: 2) |> unit(128)
    |> global_avg_pool
