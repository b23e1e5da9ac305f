// How many rows chance leaves differs from epoch to epoch of a training; those collected beside it are those of the first
let few = rows(f32(range(120))) |> map(x => { x: x }) |> filter(r => uniform() < 0.5)
model M(x: f32) -> f32 = unsqueeze(x, 0) |> dense(1) |> reshape([])
let net = train(M, few, loss: (m, r) => 0 * m(r.x) + r.x, optimizer: sgd(0), batch: 1, epochs: 3)
print { first: mean(collect(few).x), zero: 0 * net(0), losses: collect(history(net)).loss }

//= run
// { first: 57.97015, zero: 0, losses: [57.97015, 56.71154, 65.19643] }
// stderr:
// epoch 1/3  loss 57.97
// epoch 2/3  loss 56.71
// epoch 3/3  loss 65.2
