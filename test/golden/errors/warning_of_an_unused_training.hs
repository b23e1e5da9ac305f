model M(x: f32[2]) -> f32[2] = dense(x, 2)
let net = train(M, rows([[1.0, 2.0]]), loss: (m, x) => sum(m(x)), optimizer: sgd(0.1), epochs: 1)
print 1

//= run
// 1
// stderr:
// warning: nothing uses this training of net: it will not run
//   --> warning_of_an_unused_training.hs:2:11
//  2 | let net = train(M, rows([[1.0, 2.0]]), loss: (m, x) => sum(m(x)), optimizer: sgd(0.1), epochs: 1)
//    |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: save net to "net.safetensors"
