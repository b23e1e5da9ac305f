model LeNet(x: f32[28, 28]) -> f32[10] =
  x |> unsqueeze(0)
    |> conv(20, kernel: 5, init: constant_init(0.1)) |> max_pool(2)
    |> conv(50, kernel: 5, init: constant_init(0.1)) |> max_pool(2)
    |> flatten |> dense(500, init: constant_init(0.1)) |> relu
    |> dense(10, init: constant_init(0.1))
let digits = idx("../../../examples/data/t10k-images-idx3-ubyte.gz", labels: "../../../examples/data/t10k-labels-idx1-ubyte.gz")
let net = train(LeNet, digits,
  loss: (m, r) => cross_entropy(m(f32(r.image) / 255), r.label),
  optimizer: sgd(0.01, momentum: 0.9), batch: 64, epochs: 1)
save net to "lenet.safetensors"

//= count expand
// contract 11
// window 6
// reduce 14
//= count kernel
// window 0
// pad 0
// reshape 0
// broadcast 0
// cast 0
// kernels 47
// step.kernels 33
// step.megabytes 36.1
// op-by-op.kernels 98
// op-by-op.megabytes 107.21
//= count plan
// loop 2
// phase 5
