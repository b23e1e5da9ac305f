// In data given to train a text cut by chance, a table of what is drawn and a batch of it are others in each epoch; cache keeps those of the first
let sales: rdd { id: i32, user: string, price: f32 } = csv("../data/sales.csv")
model M(x: f32) -> f32 = unsqueeze(x, 0) |> dense(1) |> reshape([])
fn losses(d, f) = history(train(M, d, loss: (m, r) => 0 * m(1) + f(r), optimizer: sgd(0), batch: 1, epochs: 3)) |> map(e => e.loss) |> collect
let cut = sales |> map(r => { part: substring(r.user, randint(0, 3), 2), x: floor(100 * uniform()) })
print texts = losses(cut, r => f32(length(r.part)))
print plain = losses(cut, r => r.x)
print groups = losses(cut |> group_by(.x, g => { sum: sum(g, .x), n: count(g) }), r => r.sum / r.n)
print ordered = losses(cut |> sort_by(.x) |> take(1), r => r.x)
print batches = losses(cut |> map(.x) |> batch(2), x => mean(x))
print kept = losses(cache(cut |> sort_by(.x)), r => r.x)

//= run
// texts = [1.8333334, 1.8333334, 1.6666666]
// plain = [51.666668, 67.333336, 61.333332]
// groups = [51.6, 67.333336, 61.333332]
// ordered = [26, 28, 9]
// batches = [51.666668, 67.333336, 61.333332]
// kept = [51.666668, 51.666668, 51.666668]
// stderr:
// epoch 1/3  loss 1.833
// epoch 2/3  loss 1.833
// epoch 3/3  loss 1.667
// epoch 1/3  loss 51.67
// epoch 2/3  loss 67.33
// epoch 3/3  loss 61.33
// epoch 1/3  loss 51.6
// epoch 2/3  loss 67.33
// epoch 3/3  loss 61.33
// epoch 1/3  loss 26
// epoch 2/3  loss 28
// epoch 3/3  loss 9
// epoch 1/3  loss 51.67
// epoch 2/3  loss 67.33
// epoch 3/3  loss 61.33
// epoch 1/3  loss 51.67
// epoch 2/3  loss 51.67
// epoch 3/3  loss 51.67
