// Losses of one record.

// the entry of each row that `target` names; a sum over a row, whose gradient is a row and no scatter
fn picked(x: float[...s, k], target: int[...s]) = {
  let class = range(k)[target]  // the same number, checked to be one of k
  sum(where(unsqueeze(class, -1) == range(k), x, 0), axis: -1)
}
fn cross_entropy(logits: float[...s, k], target: int[...s], smooth = 0) -> float[...s] =
  if smooth == 0 then logsumexp(logits) - picked(logits, target)
  else logsumexp(logits) - (1 - smooth) * picked(logits, target) - smooth * mean(logits, axis: -1)
fn nll(log_p: float[...s, k], target: int[...s]) -> float[...s] = -picked(log_p, target)

// softplus(logit) - target * logit, in the order that loses nothing when both are large
fn binary_cross_entropy(logit: float[...], target) -> float =
  mean(where(logit >= 0, logit, 0) - logit * f32(target) + log1p(exp(minus_abs(logit))))

fn mse(x: float[...], y: float[...]) -> float = mean((x - y)^2)
fn mae(x: float[...], y: float[...]) -> float = mean(abs(x - y))
fn huber(x: float[...], y: float[...], delta = 1) -> float = {
  let d = abs(x - y)
  mean(where(d <= delta, 0.5 * d * d, delta * (d - 0.5 * delta)))
}
fn hinge(score, target) = mean(maximum(0, 1 - score * target))        // target is 1 or -1
fn kl_divergence(p, q) = sum(p * (log(where(p > 0, p, 1)) - log(q)))  // where p is 0 it adds nothing
fn l2(x) = sum(x * x)
fn triplet(a, p, n, margin = 1) = maximum(0, l2(a - p) - l2(a - n) + margin)
