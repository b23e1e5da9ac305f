// A residual network with batch norm; the running statistics are state of the net and are saved with it (data: npx node test/data/make.ts).
import "residual.hs"
param epochs = 20      // passes over the data
let cifar: rdd { label: u8, image: u8[3, 32, 32] } = binary("data/cifar/data_batch_*.bin")
let part = cifar |> split({ train: 0.9, test: 0.1 })

model ResNet(x: f32[3, 32, 32]) -> f32[10] = x |> residual.features(name: "body") |> dense(10, name: "head")

let net = train(ResNet, part.train,
  loss: (m, r) => cross_entropy(m(r.image / 255), r.label),
  optimizer: for_weights("*.w", sgd(piecewise([4000, 6000], [0.1, 0.01, 0.001]), momentum: 0.9, decay: 5e-4),
    otherwise: sgd(piecewise([4000, 6000], [0.1, 0.01, 0.001]), momentum: 0.9)),
  batch: 128, epochs: epochs, validate: part.test,
  metrics: { accuracy: (m, r) => argmax(m(r.image / 255)) == r.label })
save net to "resnet.safetensors"

//= run --set epochs=1
// stderr:
// epoch 1/1  loss 1.784  val.loss 2.002  val.accuracy 0.3571
