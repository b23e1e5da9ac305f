// Schedules: functions of t = { step, epoch }, both counting what is finished, from 0. `every` and `steps` are steps.

fn constant(lr) = t => lr
fn step_decay(lr, every, factor = 0.1) = t => lr * factor^div(t.step, every)
fn exponential(lr, rate) = t => lr * rate^t.step
fn inverse(lr, gamma, power) = t => lr * (1.0 + gamma * t.step)^(-power)
// up to lr over `warmup` steps, of which none is 0; then half a cosine down to 0 at `steps`
fn cosine(lr, steps, warmup = 0) = t => {
  let done = clamp((t.step - warmup) / (steps - warmup), 0, 1)
  lr * where(t.step < warmup, (t.step + 1) / maximum(warmup, 1), 0.5 + 0.5 * cos(pi * done))
}
fn polynomial(lr, steps, power = 1) = t => lr * (1 - minimum(t.step / steps, 1))^power
// values[i] from step steps[i - 1] on
fn piecewise(steps, values) = t => sum(where(range(size(values)) == sum(i32(t.step >= steps)), values, 0))
