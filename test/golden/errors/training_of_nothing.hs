model M(x: f32) -> f32 = {
  weight w: f32 = 1
  w * x
}
let net = train(M, rows([1.0, 2.0]) |> filter(x => x > 5), loss: (m, x) => m(x), optimizer: sgd(0.1), epochs: 1)
print net(1.0)

//= error
// error: no rows to train with
//   --> training_of_nothing.hs:5:11
//  5 | let net = train(M, rows([1.0, 2.0]) |> filter(x => x > 5), loss: (m, x) => m(x), optimizer: sgd(0.1), epochs: 1)
//    |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// exit 1
