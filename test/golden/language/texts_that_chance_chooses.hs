// the loss is -w times the lengths, so that w sums them up over the epochs, in each of which chance chooses anew; by the same draws of numbers
let names = rows(range(4)) |> map(i => { user: if i < 2 then "ab" else "abcdef", i: i })
model M(x: f32) -> f32 = {
  weight w: f32 = 0
  w * x
}
let drawn = names |> map(r => { user: if uniform() > 0.5 then r.user else "?", i: r.i })
let net = train(M, drawn, loss: (m, r) => -m(f32(length(upper(r.user)))), optimizer: sgd(1.0), batch: 4, epochs: 8)
print 4 * net(1.0)

//= run
// 79
// stderr:
// epoch 1/8  step 1/1  loss 0
// epoch 2/8  step 1/1  loss -6.25
// epoch 3/8  step 1/1  loss -12.5
// epoch 4/8  step 1/1  loss -20.63
// epoch 5/8  step 1/1  loss -35.88
// epoch 6/8  step 1/1  loss -34.38
// epoch 7/8  step 1/1  loss -20.31
// epoch 8/8  step 1/1  loss -39.38
