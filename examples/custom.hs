// A loss, an optimizer, a schedule and an initialiser of one's own: ordinary functions.
fn focal(logits: float[k], y: int, gamma = 2) = {
  let log_p = log_softmax(logits)[y]
  -(1 - exp(log_p))^gamma * log_p
}
fn lion(lr, beta1 = 0.9, beta2 = 0.99) = {
  init: w => zeros(shape(w)),
  step: (w, g, m, t) => { w: w - lr(t) * sign(lerp(g, m, beta1)), s: lerp(g, m, beta2) },
}
fn triangle(low, high, period) = t => low + (high - low) * abs(2 * (t.step / period % 1) - 1)
fn sparse_init(share) = dims => normal(dims) * f32(bernoulli(share, dims))

let digits = idx("data/t10k-images-idx3-ubyte.gz", "data/t10k-labels-idx1-ubyte.gz")
  |> split({ train: 0.8, test: 0.2 })
model Mlp(x: f32[784]) -> f32[10] = x |> dense(100, init: sparse_init(0.1)) |> relu |> dense(10)

let net = train(Mlp, digits.train,
  loss: (m, r) => focal(m(flatten(r.image) / 255), r.label),
  optimizer: lion(triangle(1e-5, 1e-3, 500)), batch: 64, epochs: 2)
print history(net) |> map(e => drop(e, "seconds"))
print accuracy = digits.test |> mean(r => argmax(net(flatten(r.image) / 255)) == r.label)

//= run
// epoch  step      loss
//     1   126  0.877391
//     2   252  0.205127
// accuracy = 0.8880866
// stderr:
// epoch 1/2  loss 0.8774
// epoch 2/2  loss 0.2051
