param lr = 0.1
print lr

//= error --set learning_rate=1
// error: --set learning_rate: the program has no param `learning_rate`
// note: params: lr
// exit 2
//= error --set lr=fast
// error: --set lr=fast: `lr` is f32
//   --> param_that_does_not_exist.hs:1:1
//  1 | param lr = 0.1
//    | ^^^^^^^^^^^^^^
// exit 2
