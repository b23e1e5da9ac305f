// what a record calls a net stands in front of its weights, also of some of those that were trained as one
model A(x: f32[2]) -> f32[2] = x |> dense(2)
let nets = train({ enc: A, dec: A, other: A }, rows(f32([[1, 2], [3, 4]])),
  loss: (m, r) => mean((m.dec(m.enc(r)) - m.other(r))^2), optimizer: sgd(0.01), epochs: 1)
save { encoder: nets.enc, decoder: nets.dec } to "some.safetensors"
save { one: nets.other } to "one.safetensors"
save nets to "all.safetensors"
let x = [1.0, 2.0]
let some = load({ encoder: A, decoder: A }, "some.safetensors")
print all(some.decoder(some.encoder(x)) == nets.dec(nets.enc(x)))
print all(load({ one: A }, "one.safetensors").one(x) == nets.other(x))
print all(load({ enc: A, dec: A, other: A }, "all.safetensors").dec(x) == nets.dec(x))
let only = init(A)
save { only: only } to "only.safetensors"
print all(load({ only: A }, "only.safetensors").only(x) == only(x))

//= run
// true
// true
// true
// true
// stderr:
// epoch 1/1  step 1/1  loss 24.15
