// Functions of numbers, and small constructions of tensors.

fn rsqrt(x) = 1 / sqrt(x)
fn clamp(x, low, high) = minimum(maximum(x, low), high)
fn lerp(a, b, t) = a + (b - a) * t

fn zeros(shape) = full(shape, 0.0)
fn ones(shape) = full(shape, 1.0)
fn one_hot(i, n) = f32(unsqueeze(i, -1) == range(n))                 // int[...] to f32[..., n]; a row of zeros where i is outside
fn eye(n) = one_hot(range(n), n)
fn causal_mask(t) = unsqueeze(range(t), 1) >= range(t)               // bool[t, t]: row i sees columns 0 to i
fn tril(x: float[..., n, m]) = where(unsqueeze(range(n), 1) >= range(m), x, 0)

fn flatten(x) = reshape(x, [-1])
fn stack(xs, axis = 0) = concat(xs |> map(x => unsqueeze(x, axis)), axis: axis)

fn dot(a: float[n], b: float[n]) = einsum("i,i->", a, b)
fn outer(a: float[n], b: float[m]) = einsum("i,j->ij", a, b)
fn norm(x, axis = none) = sqrt(sum(x * x, axis: axis))
