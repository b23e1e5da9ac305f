// numbers from one, for classes that count from zero
model M(x: f32[3]) -> f32[3] = dense(x, 3)
let net = train(M, rows([1, 2, 3]), loss: (m, y) => cross_entropy(m([0, 1, 2]), y), optimizer: sgd(0.1), batch: 1, epochs: 1, shuffle: false)
print net([1, 0, 2])

//= error
// error: index `target` is out of range: axis 0 has 3
//   --> run_label_out_of_range.hs:3:53
//  3 | let net = train(M, rows([1, 2, 3]), loss: (m, y) => cross_entropy(m([0, 1, 2]), y), optimizer: sgd(0.1), batch: 1, epochs: 1, shuffle: false)
//    |                                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// note: in row 2, counted from 0
// exit 1
