// 20-50-500-10
param batch = 64
let digits = idx("../../examples/data/t10k-images-idx3-ubyte.gz", "../../examples/data/t10k-labels-idx1-ubyte.gz")
  |> map(r => { x: r.image / 255, y: r.label })
model LeNet(x: f32[28, 28]) -> f32[10] =
  x |> reshape([1, 28, 28]) |> conv(20, kernel: 5) |> max_pool(2) |> conv(50, kernel: 5) |> max_pool(2)
    |> flatten |> dense(500) |> relu |> dense(10)
let net = train(LeNet, digits, loss: (m, r) => cross_entropy(m(r.x), r.y), optimizer: sgd(0.001, momentum: 0.9), batch: batch, epochs: 1000)
save net to "/tmp/lenet.safetensors"
