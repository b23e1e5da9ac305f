// Caffe's CIFAR-10 "quick" with mean subtraction, random flips and crops, new in each epoch (data: npx node test/data/make.ts).
param epochs = 8       // passes over the data
let train_set: rdd { label: u8, image: u8[3, 32, 32] } = binary("data/cifar/data_batch_*.bin")
let test_set: rdd { label: u8, image: u8[3, 32, 32] } = binary("data/cifar/test_batch.bin")
let mean_image = train_set |> mean(r => f32(r.image))      // f32[3, 32, 32]

fn augment(x) = {
  let flipped = if bernoulli(0.5) then flip(x, axis: 2) else x
  pad(flipped, [0, 4, 4]) |> slice([0, randint(0, 9), randint(0, 9)], [3, 32, 32])
}

model Quick(x: f32[3, 32, 32]) -> f32[10] =
  x |> conv(32, kernel: 5, pad: 2, init: normal_init(0.0001)) |> max_pool(3, stride: 2, ceil: true) |> relu
    |> conv(32, kernel: 5, pad: 2, init: normal_init(0.01)) |> relu |> avg_pool(3, stride: 2, ceil: true)
    |> conv(64, kernel: 5, pad: 2, init: normal_init(0.01)) |> relu |> avg_pool(3, stride: 2, ceil: true)
    |> flatten |> dense(64, init: normal_init(0.1)) |> dense(10, init: normal_init(0.1))

fn error(m, r) = cross_entropy(m(r.image - mean_image), r.label)

let net = train(Quick, train_set |> map(r => { ...r, image: augment(f32(r.image)) }),
  loss: error, optimizer: sgd(0.001, momentum: 0.9, decay: 0.004), batch: 100, epochs: epochs,
  validate: test_set, metrics: { accuracy: (m, r) => argmax(m(r.image - mean_image)) == r.label })
save net to "quick.safetensors"

//= run --set epochs=2
// stderr:
// epoch 1/2  loss 2.302  val.loss 2.3  val.accuracy 0.12
// epoch 2/2  loss 2.297  val.loss 2.293  val.accuracy 0.12
