// a number for each pair of records of a batch, the last batch smaller; the net by jax.grad of the same step
layer scaled(x: f32[2]) -> f32[2] = {
  weight w: f32[2] = 1
  x * w
}
model M(x: f32[2]) -> f32[2] = scaled(x)
let d = rows([[1.0, 2.0], [3.0, 5.0], [0.5, -1.0], [2.0, 0.0], [-1.0, 1.5]])
let net = train(M, d, loss: (m, x) => {
    let e = m(x)
    let all = over_batch(e)
    let near = all @ e                                  // [batch]: with each other record
    let p = over_batch(softmax(near))                   // [batch, batch]
    let far = all[argmin(near)]
    sum(p[0] * near) + sum(sort(near)) / 8 + dot(far, e) + sum(cumsum(all, axis: 0)[0:2]) / 4
  }, optimizer: sgd(0.01), batch: 3, epochs: 2, shuffle: false)
print net([1.0, 1.0])

//= run
// [0.7459965, 0.6669377]
// stderr:
// epoch 1/2  step 2/2  loss 10.65
// epoch 2/2  step 2/2  loss 7.841
