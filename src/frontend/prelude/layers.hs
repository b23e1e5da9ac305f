// Layers. Convolution is one contraction over views of its input.

layer dense(x: float[..., i], units: int, bias = true, init = xavier()) -> float[..., units] = {
  weight w: float[i, units] = init
  weight b: float[units] = 0
  if bias then x @ w + b else x @ w                     // a weight that no branch uses does not exist
}

// `pad` under another name, for functions with an argument `pad`
fn padded(x, width, value = 0, between = 0) = pad(x, width, value, between)

layer conv(x: float[c, h, w], filters: int, kernel: int[2], stride: int[2] = 1, pad: int[2] = 0, dilation: int[2] = 1,
    groups = 1, bias = true, init = he())
  -> float[filters, div(h + 2 * pad[0] - dilation[0] * (kernel[0] - 1) - 1, stride[0]) + 1,
                    div(w + 2 * pad[1] - dilation[1] * (kernel[1] - 1) - 1, stride[1]) + 1] = {
  weight w: float[filters, div(c, groups), kernel[0], kernel[1]] = init
  weight b: float[filters] = 0
  let taps = x |> padded([0, pad[0], pad[1]])           // float[c, rows, kernel[0], columns, kernel[1]]
    |> window(kernel[0], stride: stride[0], axis: 1, dilation: dilation[0])
    |> window(kernel[1], stride: stride[1], axis: 3, dilation: dilation[1])
  let s = shape(taps)
  let y = if groups == 1 then einsum("cyixj,fcij->fyx", taps, w)
          else reshape(
            einsum("gcyixj,gfcij->gfyx",
              reshape(taps, [groups, div(c, groups), s[1], s[2], s[3], s[4]]),
              reshape(w, [groups, div(filters, groups), div(c, groups), kernel[0], kernel[1]])),
            [filters, s[1], s[3]])
  if bias then y + unsqueeze(b, [1, 2]) else y
}

layer conv1d(x: float[c, t], filters: int, kernel: int, stride = 1, pad = 0, dilation = 1, groups = 1, bias = true)
  -> float[filters, div(t + 2 * pad - dilation * (kernel - 1) - 1, stride) + 1] = {
  weight w: float[filters, div(c, groups), kernel] = he()
  weight b: float[filters] = 0
  let taps = x |> padded([0, pad]) |> window(kernel, stride: stride, axis: 1, dilation: dilation)
  let s = shape(taps)
  let y = if groups == 1 then einsum("cti,fci->ft", taps, w)
          else reshape(
            einsum("gcti,gfci->gft",
              reshape(taps, [groups, div(c, groups), s[1], s[2]]),
              reshape(w, [groups, div(filters, groups), div(c, groups), kernel])),
            [filters, s[1]])
  if bias then y + unsqueeze(b, 1) else y
}

// the gradient of a convolution for its input: the input is spread by the stride and met by the kernel turned around
layer conv_transpose(x: float[c, h, w], filters: int, kernel: int[2], stride: int[2] = 1, pad: int[2] = 0, bias = true)
  -> float[filters, (h - 1) * stride[0] - 2 * pad[0] + kernel[0], (w - 1) * stride[1] - 2 * pad[1] + kernel[1]] = {
  weight w: float[c, filters, kernel[0], kernel[1]] = he()
  weight b: float[filters] = 0
  let taps = x
    |> padded([0, kernel[0] - 1 - pad[0], kernel[1] - 1 - pad[1]], between: [0, stride[0] - 1, stride[1] - 1])
    |> window(kernel[0], axis: 1) |> window(kernel[1], axis: 3)
  let y = einsum("cyixj,cfij->fyx", taps, w |> flip(2) |> flip(3))
  if bias then y + unsqueeze(b, [1, 2]) else y
}

layer embedding(ids: int[...], size: int, units: int, init = normal_init(0.05)) -> f32[..., units] = {
  weight w: f32[size, units] = init
  gather(w, ids)
}

layer layer_norm(x: float[..., d], eps = 1e-5) -> float[..., d] = {
  weight scale: float[d] = 1
  weight shift: float[d] = 0
  let centred = x - unsqueeze(mean(x, axis: -1), -1)
  centred * unsqueeze(rsqrt(mean(centred * centred, axis: -1) + eps), -1) * scale + shift
}
layer rms_norm(x: float[..., d], eps = 1e-6) -> float[..., d] = {
  weight scale: float[d] = 1
  x * unsqueeze(rsqrt(mean(x * x, axis: -1) + eps), -1) * scale
}
layer group_norm(x: float[c, ...s], groups: int, eps = 1e-5) -> float[c, ...s] = {
  weight scale: float[c] = 1
  weight shift: float[c] = 0
  let grouped = reshape(x, [groups, -1])
  let centred = grouped - unsqueeze(mean(grouped, axis: 1), 1)
  let unit = centred * unsqueeze(rsqrt(mean(centred * centred, axis: 1) + eps), 1)
  reshape(reshape(unit, [c, -1]) * unsqueeze(scale, 1) + unsqueeze(shift, 1), shape(x))
}
// one mean and variance per channel: of all records of the step while training, else of the running statistics
layer batch_norm(x: float[c, ...s], momentum = 0.1, eps = 1e-5) -> float[c, ...s] = {
  weight scale: float[c] = 1
  weight shift: float[c] = 0
  let flat = reshape(x, [c, -1])
  let all = over_batch(flat)                            // float[batch, c, k]
  let m = mean(all, axis: [0, 2])
  let v = var(all, axis: [0, 2])
  state running_mean: float[c] = 0 then lerp(running_mean, m, momentum)
  state running_var: float[c] = 1 then lerp(running_var, v, momentum)
  let mu = if training then m else running_mean
  let s2 = if training then v else running_var
  let gain = scale * rsqrt(s2 + eps)
  reshape(flat * unsqueeze(gain, 1) + unsqueeze(shift - mu * gain, 1), shape(x))
}
layer dropout(x: float[...s], p = 0.5) -> float[...s] =
  if training then where(bernoulli(1 - p, shape(x)), x / (1 - p), 0) else x
layer prelu(x: float[c, ...s]) -> float[c, ...s] = {
  weight slope: float[c] = 0.25
  let flat = reshape(x, [c, -1])
  reshape(where(flat > 0, flat, unsqueeze(slope, 1) * flat), shape(x))
}

layer attention(x: float[t, d], heads: int, causal = false) -> float[t, d] = {
  let to_heads = y => y |> reshape([t, heads, div(d, heads)]) |> transpose([1, 0, 2])
  let q = x |> dense(d) |> to_heads
  let k = x |> dense(d) |> to_heads
  let v = x |> dense(d) |> to_heads
  let scores = q @ transpose(k, [0, 2, 1]) / sqrt(div(d, heads))
  let p = softmax(if causal then where(causal_mask(t), scores, -inf) else scores)
  p @ v |> transpose([1, 0, 2]) |> reshape([t, d]) |> dense(d)
}
