// 784-256-128-10
param batch = 128
param steps = 1_000_000      // the bench ends it when it has seen enough
param shuffled = 1
let digits = idx("../../examples/data/t10k-images-idx3-ubyte.gz", "../../examples/data/t10k-labels-idx1-ubyte.gz")
  |> map(r => { x: r.image / 255, y: r.label })
model MLP(x: f32[28, 28]) -> f32[10] = x |> flatten |> dense(256) |> relu |> dense(128) |> relu |> dense(10)
let start = init(MLP)
let net = train(start, digits, loss: (m, r) => cross_entropy(m(r.x), r.y), optimizer: sgd(0.01, momentum: 0.9),
  batch: batch, steps: steps, shuffle: shuffled == 1)
save start to "start.safetensors"
save net to "end.safetensors"
