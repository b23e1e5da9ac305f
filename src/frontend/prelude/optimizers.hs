// Optimizers: { init: w => s, step: (w, g, s, t) => { w: .., s: .. } }, run for each weight.

fn at(lr, t) = if is_function(lr) then lr(t) else lr

// the slope of the loss with a penalty of decay / 2 * w^2
fn decayed(g, w, decay) = if decay == 0 then g else g + decay * w
fn sgd(lr, momentum = 0, decay = 0, nesterov = false) =
  if momentum == 0 then {
    init: w => {},
    step: (w, g, s, t) => { w: w - at(lr, t) * decayed(g, w, decay), s: s },
  } else {
    init: w => zeros_like(w),
    step: (w, g, v, t) => {
      let slope = decayed(g, w, decay)
      let next = momentum * v + slope
      { w: w - at(lr, t) * (if nesterov then momentum * next + slope else next), s: next }
    },
  }

// 1 - beta^(steps so far), without cancellation
fn warm(beta, t) = -expm1((t.step + 1) * log(beta))
fn adam_step(w, g, s, t, lr, beta1, beta2, eps, decay) = {
  let m = beta1 * s.m + (1 - beta1) * g
  let v = beta2 * s.v + (1 - beta2) * g * g
  let slope = m / warm(beta1, t) / (sqrt(v / warm(beta2, t)) + eps)
  { w: w - at(lr, t) * decayed(slope, w, decay), s: { m: m, v: v } }
}
fn adam(lr = 1e-3, beta1 = 0.9, beta2 = 0.999, eps = 1e-8) = {
  init: w => { m: zeros_like(w), v: zeros_like(w) },
  step: (w, g, s, t) => adam_step(w, g, s, t, lr, beta1, beta2, eps, 0),
}
// decay acts on the weight itself, not on the gradient (Loshchilov and Hutter 2019)
fn adamw(lr = 1e-3, decay = 0.01, beta1 = 0.9, beta2 = 0.999, eps = 1e-8) = {
  init: w => { m: zeros_like(w), v: zeros_like(w) },
  step: (w, g, s, t) => adam_step(w, g, s, t, lr, beta1, beta2, eps, decay),
}
fn adagrad(lr = 0.01, eps = 1e-8) = {
  init: w => zeros_like(w),
  step: (w, g, s, t) => {
    let next = s + g * g
    { w: w - at(lr, t) * g / (sqrt(next) + eps), s: next }
  },
}
fn rmsprop(lr = 1e-3, decay = 0.9, eps = 1e-8) = {
  init: w => zeros_like(w),
  step: (w, g, s, t) => {
    let next = decay * s + (1 - decay) * g * g
    { w: w - at(lr, t) * g / (sqrt(next) + eps), s: next }
  },
}
fn adadelta(lr = 1.0, rho = 0.95, eps = 1e-6) = {
  init: w => { g: zeros_like(w), d: zeros_like(w) },
  step: (w, g, s, t) => {
    let seen = rho * s.g + (1 - rho) * g * g
    let delta = sqrt(s.d + eps) / sqrt(seen + eps) * g
    { w: w - at(lr, t) * delta, s: { g: seen, d: rho * s.d + (1 - rho) * delta * delta } }
  },
}
