// A stacked autoencoder learns from images without labels; its encoder then serves a classifier that sees few of them.
param passes = 8                                          // over the images, without labels
param epochs = 8                                          // over those with labels
let digits = idx("data/t10k-images-idx3-ubyte.gz", "data/t10k-labels-idx1-ubyte.gz")
  |> map(r => { x: flatten(r.image) / 255, y: r.label })
  |> split({ images: 0.8, labelled: 0.04, test: 0.15 })

layer encode(x: f32[784]) -> f32[64] = x |> dense(128) |> sigmoid |> dense(64) |> sigmoid
model Rebuild(x: f32[784]) -> f32[784] = x |> encode(name: "body") |> dense(784) |> sigmoid
model Digits(x: f32[784]) -> f32[10] = x |> encode(name: "body") |> dense(10, name: "head")

let rebuilt = train(Rebuild, digits.images, loss: (m, r) => mse(m(r.x), r.x), optimizer: adam(2e-3), batch: 64, epochs: passes)
save rebuilt to "rebuilt.safetensors"

fn labels(start, freeze) = train(start, digits.labelled, loss: (m, r) => cross_entropy(m(r.x), r.y),
  optimizer: sgd(0.03, momentum: 0.9), batch: 10, epochs: epochs, freeze: freeze)
fn accuracy(net) = digits.test |> mean(r => argmax(net(r.x)) == r.y)

let start = load(Digits, "rebuilt.safetensors", partial: true)      // what has another name or shape begins anew
let head = labels(start, ["body.*"])                                // first the head alone, then everything
print head = accuracy(head)
print all = accuracy(labels(head, []))
print from_nothing = accuracy(labels(Digits, []))

//= run
// rebuilt.safetensors has no tensor `head.w`: initialised
// rebuilt.safetensors has no tensor `head.b`: initialised
// head = 0.7275242
// all = 0.84785616
// from_nothing = 0.78077453
// stderr:
// epoch 1/8  step 126/126  loss 0.07899
// epoch 2/8  step 126/126  loss 0.06753
// epoch 3/8  step 126/126  loss 0.0646
// epoch 4/8  step 126/126  loss 0.06064
// epoch 5/8  step 126/126  loss 0.05492
// epoch 6/8  step 126/126  loss 0.04943
// epoch 7/8  step 126/126  loss 0.04419
// epoch 8/8  step 126/126  loss 0.04009
// epoch 1/8  step 41/41  loss 1.894
// epoch 2/8  step 41/41  loss 1.032
// epoch 3/8  step 41/41  loss 0.8368
// epoch 4/8  step 41/41  loss 0.7982
// epoch 5/8  step 41/41  loss 0.7252
// epoch 6/8  step 41/41  loss 0.6844
// epoch 7/8  step 41/41  loss 0.6988
// epoch 8/8  step 41/41  loss 0.7085
// epoch 1/8  step 41/41  loss 0.6547
// epoch 2/8  step 41/41  loss 0.591
// epoch 3/8  step 41/41  loss 0.4727
// epoch 4/8  step 41/41  loss 0.4257
// epoch 5/8  step 41/41  loss 0.3431
// epoch 6/8  step 41/41  loss 0.3027
// epoch 7/8  step 41/41  loss 0.2777
// epoch 8/8  step 41/41  loss 0.2359
// epoch 1/8  step 41/41  loss 2.364
// epoch 2/8  step 41/41  loss 2.231
// epoch 3/8  step 41/41  loss 1.966
// epoch 4/8  step 41/41  loss 1.578
// epoch 5/8  step 41/41  loss 1.15
// epoch 6/8  step 41/41  loss 0.8282
// epoch 7/8  step 41/41  loss 0.6987
// epoch 8/8  step 41/41  loss 0.6661
