// 5-fold cross validation of ridge regression over 12 penalties; figures: scikit-learn (Ridge, PredefinedSplit)
let x = normal([60, 3], seed: 1)
let y = x @ [1.0, -2.0, 0.5] + 0.3 * normal([60], seed: 2)
let data = rows({ x: x, y: y, part: range(60) % 5 })
model Ridge(x: f32[3]) -> f32 = {
  weight w: f32[3] = 0
  dot(x, w)
}
let scores = map(exp(f32(range(12)) - 8), c => map(range(5), k => {
  let net = train(Ridge, data |> filter(r => r.part != k), optimizer: lbfgs(), epochs: 30,
    loss: (m, r) => (m(r.x) - r.y)^2 + c * sum(map(eye(3), e => m(e)^2)))
  data |> filter(r => r.part == k) |> mean(r => (net(r.x) - r.y)^2)
}) |> mean)
print round(scores * 1000) / 1000
print argmin(scores)

//= run
// [0.087, 0.087, 0.086, 0.086, 0.085, 0.091, 0.146, 0.446, 1.429, 3.135, 4.708, 5.616]
// 4
