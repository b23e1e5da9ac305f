// 32, 32, pool, 64, 64, pool, 128, 10 on images of 3 x 32 x 32: digits with a border, three times
param batch = 32
param steps = 1_000_000      // the bench ends it when it has seen enough
param shuffled = 1
let digits = idx("../../examples/data/t10k-images-idx3-ubyte.gz", "../../examples/data/t10k-labels-idx1-ubyte.gz")
  |> map(r => { x: [pad(r.image / 255, 2), pad(r.image / 255, 2), pad(r.image / 255, 2)], y: r.label })
model Cifar(x: f32[3, 32, 32]) -> f32[10] =
  x |> conv(32, kernel: 3, pad: 1) |> relu |> conv(32, kernel: 3, pad: 1) |> relu |> max_pool(2)
    |> conv(64, kernel: 3, pad: 1) |> relu |> conv(64, kernel: 3, pad: 1) |> relu |> max_pool(2)
    |> flatten |> dense(128) |> relu |> dense(10)
let start = init(Cifar)
let net = train(start, digits, loss: (m, r) => cross_entropy(m(r.x), r.y), optimizer: sgd(0.01, momentum: 0.9),
  batch: batch, steps: steps, shuffle: shuffled == 1)
save start to "start.safetensors"
save net to "end.safetensors"
