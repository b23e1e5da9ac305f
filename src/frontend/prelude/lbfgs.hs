// Limited-memory BFGS (Nocedal and Wright 2006, algorithms 3.1, 7.4 and 7.5): all weights are one vector, `f` is the loss over all
// data. The pairs of the last steps lie newest first; a place that is not filled has rho 0 and changes nothing.

// minus the gradient, turned by what the last steps tell of the curvature
fn lbfgs_direction(g, pairs, history) = {
  let down = fold({ s: pairs.s, y: pairs.y, rho: pairs.rho, i: range(history) }, { q: g, alpha: zeros_like(pairs.rho) }, (t, p) => {
    let a = p.rho * sum(p.s * t.q)
    { q: t.q - a * p.y, alpha: where(range(history) == p.i, a, t.alpha) }
  })
  let y = pairs.y[0]
  let known = pairs.rho[0] > 0
  let scale = if known then sum(pairs.s[0] * y) / sum(y * y) else 1 / maximum(norm(g), 1)
  let oldest_first = { s: flip(pairs.s, 0), y: flip(pairs.y, 0), rho: flip(pairs.rho, 0), alpha: flip(down.alpha, 0) }
  -fold(oldest_first, scale * down.q, (r, p) => r + p.s * (p.alpha - p.rho * sum(p.y * r)))
}
// half the step until the loss falls by a part of what the slope promises
fn lbfgs_step(f, w, value, slope, direction) =
  iterate({ t: 2.0, value: inf }, s => {
    let t = s.t / 2
    { t: t, value: f(w + t * direction) }
  }, times: 24, until: (old, new) => new.value <= value + 1e-4 * new.t * slope)

// `both`: the loss at a vector of weights, its gradient, and what states become
fn lbfgs_start(both, w, history) = {
  let blank = zeros_like(unsqueeze(w, 0) + zeros([history, 1]))
  { ...both(w), s: blank, y: blank, rho: zeros_like(blank[:, 0]) }
}
// one step; `moves`: states that change may make the loss of the same weights another one
fn lbfgs_next(f, both, w, now, history, tolerance, moves) = {
  let turned = lbfgs_direction(now.grad, { s: now.s, y: now.y, rho: now.rho }, history)
  let falls = sum(turned * now.grad) < 0
  let direction = if falls then turned else -now.grad
  let step = lbfgs_step(f, w, now.value, sum(direction * now.grad), direction)
  let better = step.value < now.value
  let to = if better then w + step.t * direction else w
  let next = both(to)
  let s = to - w
  let y = next.grad - now.grad
  let curved = sum(s * y) > 1e-10 * sum(y * y)
  let first_row = range(history) == 0
  let shifted = (old, new) => if curved then where(unsqueeze(first_row, 1), new, roll(old, 1, 0)) else old
  {
    w: to, value: next.value,
    ends: max(abs(next.grad)) < tolerance or not better or (not moves and next.value >= now.value),
    slots: {
      ...next, s: shifted(now.s, s), y: shifted(now.y, y),
      rho: if curved then where(first_row, 1 / sum(s * y), roll(now.rho, 1, 0)) else now.rho,
    },
  }
}
