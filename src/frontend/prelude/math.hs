// Functions of numbers, and small constructions of tensors.

fn rsqrt(x) = 1 / sqrt(x)
fn clamp(x, low, high) = minimum(maximum(x, low), high)
fn lerp(a, b, t) = a + (b - a) * t

fn zeros(shape) = full(shape, 0.0)
fn ones(shape) = full(shape, 1.0)
fn zeros_like(x) = where(false, x, 0)                                 // in the type of x
fn one_hot(i, n) = f32(unsqueeze(i, -1) == range(n))                 // int[...] to f32[..., n]; a row of zeros where i is outside
fn eye(n) = one_hot(range(n), n)
fn causal_mask(t) = unsqueeze(range(t), 1) >= range(t)               // bool[t, t]: row i sees columns 0 to i
fn tril(x: float[..., n, m]) = where(unsqueeze(range(n), 1) >= range(m), x, 0)

fn flatten(x) = reshape(x, [-1])
fn stack(xs, axis = 0) = concat(xs |> map(x => unsqueeze(x, axis)), axis: axis)

fn dot(a: float[n], b: float[n]) = einsum("i,i->", a, b)
fn outer(a: float[n], b: float[m]) = einsum("i,j->ij", a, b)
fn norm(x, axis = none) = sqrt(sum(x * x, axis: axis))

// log(1 + x): what the sum lost is put back
fn log1p(x) = {
  let u = 1 + x
  let lost = stop_gradient((x - (u - 1)) / u)
  log(u) + where(lost == lost, lost, 0)
}
// exp(x) - 1 is 2 t / (1 - t) with t = tanh(x / 2)
fn expm1(x) = {
  let t = tanh(0.5 * clamp(x, -1, 1))
  where(abs(x) < 1, 2 * t / (1 - t), exp(x) - 1)
}
