// 784-256-128-10
param batch = 128
let digits = idx("../../examples/data/t10k-images-idx3-ubyte.gz", "../../examples/data/t10k-labels-idx1-ubyte.gz")
  |> map(r => { x: r.image / 255, y: r.label })
model MLP(x: f32[28, 28]) -> f32[10] = x |> flatten |> dense(256) |> relu |> dense(128) |> relu |> dense(10)
let net = train(MLP, digits, loss: (m, r) => cross_entropy(m(r.x), r.y), optimizer: sgd(0.001, momentum: 0.9), batch: batch, epochs: 1000)
save net to "/tmp/mlp.safetensors"
