// the index is read in the layer, forwards and by its gradient; the record is named
layer table(i: i32) -> f32 = {
  weight w: f32[3] = 1
  w[i]
}
model M(i: i32) -> f32 = table(i) * 2
let net = train(M, rows([0, 2, 1, 7]), loss: (m, i) => m(i), optimizer: sgd(0.1), batch: 2, epochs: 1, shuffle: false)
print net(1)

//= error
// error: index `i` is out of range: axis 0 has 3
//   --> run_index_out_of_range_in_a_training.hs:4:5
//  4 |   w[i]
//    |     ^
// note: in row 3, counted from 0
// exit 1
