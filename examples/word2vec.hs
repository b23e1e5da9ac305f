// Skip-gram with negative sampling, from plain text: what stands among the same words gets a similar vector (data: npx node test/data/make.ts).
param size = 24
param epochs = 3
let lines = text("data/tables/corpus.txt") |> map(s => words(lower(s)))      // rdd list string
let terms = lines |> flat_map(w => w) |> vocab(min_count: 5)
let pairs = lines |> flat_map(w => skip_grams(w |> map(terms.index), window: 4))
let noise = f32(terms.counts)^0.75

layer table() = {
  weight vectors: f32[terms.size, size] = normal_init(0.05)
  vectors
}
model SkipGram(center: i32, context: i32) -> f32 = {
  let input = table(name: "input")
  let output = table(name: "output")
  let negatives = output[choice(noise, [5])]
  let near = input[center]
  softplus(-dot(near, output[context])) + sum(softplus(negatives @ near))
}

let net = train(SkipGram, pairs, loss: (m, r) => m(r.center, r.context),
  optimizer: adagrad(0.1), batch: 256, epochs: epochs)
print terms = terms.size
save net to "word2vec.safetensors"
save rows(range(terms.size)) |> map(i => { term: terms.value(i), count: terms.counts[i] }) to "terms.csv"

//= run --set epochs=1
// terms = 161
// stderr:
// epoch 1/1  step 188/188  loss 1.027
