// Activations. Each is stable for both signs and has the gradient of its limit at 0, where it has one.

fn relu(x) = maximum(0, x)                                            // the first maximum has the gradient: 0 at x = 0
fn leaky_relu(x, slope = 0.01) = where(x > 0, x, slope * x)
fn elu(x) = where(x > 0, x, expm1(minimum(x, 0)))
fn gelu(x) = 0.5 * x * (1 + erf(x * sqrt(0.5)))

// -|x| with a gradient at 0; exp of it never overflows
fn minus_abs(x) = where(x >= 0, -x, x)
fn sigmoid(x) = {
  let e = exp(minus_abs(x))
  where(x >= 0, 1, e) / (1 + e)
}
fn silu(x) = x * sigmoid(x)
fn softplus(x) = where(x >= 0, x, 0) + log1p(exp(minus_abs(x)))

// the maximum is a constant for the gradient: it cancels
fn logsumexp(x, axis = -1) = {
  let top = stop_gradient(max(x, axis: axis))
  let m = where(abs(top) < inf, top, 0)                               // a row of -inf, or with inf
  m + log(sum(exp(x - unsqueeze(m, axis)), axis: axis))
}
fn softmax(x, axis = -1) = {
  let e = exp(x - unsqueeze(stop_gradient(max(x, axis: axis)), axis))
  e / unsqueeze(sum(e, axis: axis), axis)
}
fn log_softmax(x, axis = -1) = {
  let y = x - unsqueeze(stop_gradient(max(x, axis: axis)), axis)
  y - unsqueeze(log(sum(exp(y), axis: axis)), axis)
}
