// Initialisers: functions of a shape.

fn zeros_init() = dims => zeros(dims)
fn constant_init(v) = dims => full(dims, f32(v))
fn uniform_init(low, high) = dims => uniform(dims, low, high)
fn normal_init(std = 0.01) = dims => normal(dims, 0, std)

// a matrix is [in, out], a kernel [out, in, taps..]
fn fan_in(dims) = if size(dims) == 2 then dims[0] else prod(dims[1:])
fn fan_out(dims) = if size(dims) == 2 then dims[1] else dims[0] * prod(dims[2:])

// Glorot and Bengio 2010, uniform
fn xavier() = dims => {
  let limit = sqrt(6 / (fan_in(dims) + fan_out(dims)))
  uniform(dims, -limit, limit)
}
// He et al. 2015, normal
fn he() = dims => normal(dims, 0, sqrt(2 / fan_in(dims)))
// Saxe et al. 2014: rows or columns at right angles, whichever are fewer
fn orthogonal() = dims => {
  let rows = dims[0]
  let columns = prod(dims[1:])
  let q = if rows < columns then transpose(orthonormalize(normal([columns, rows]))) else orthonormalize(normal([rows, columns]))
  reshape(q, dims)
}
// Caffe's: a kernel [.., kh, kw] that enlarges by linear interpolation
fn bilinear() = dims => {
  let half = div(dims[-1] + 1, 2)
  let centre = (2 * half - 1 - half % 2) / (2 * half)
  let side = n => 1 - abs(range(n) / half - centre)
  expand(unsqueeze(side(dims[-2]), 1) * side(dims[-1]), dims)
}
