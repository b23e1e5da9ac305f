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
