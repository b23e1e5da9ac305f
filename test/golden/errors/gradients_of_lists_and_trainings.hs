// neither what texts are made in, nor a training, has a gradient
model M(x: f32[1]) -> f32[1] = dense(x, 1)
let d = rows([[1.0], [2.0]])
print grad(x => sum(map(x, v => f32(length(string(v))) * v)))([1.0, 2.0])
print grad(lr => train(M, d, loss: (m, r) => m(r)[0] ^ 2, optimizer: sgd(lr), batch: 1, epochs: 2)([1.0])[0])(0.1)
param names = ["a", "b"]

//= error
// error: no gradient flows through a list
//   --> gradients_of_lists_and_trainings.hs:4:21
//  4 | print grad(x => sum(map(x, v => f32(length(string(v))) * v)))([1.0, 2.0])
//    |                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// note: differentiated here
//   --> gradients_of_lists_and_trainings.hs:4:7
// help: stop_gradient(..) of it where none is meant; sum and mean of an rdd have one
//
// error: no gradient flows through a training
//   --> gradients_of_lists_and_trainings.hs:5:18
//  5 | print grad(lr => train(M, d, loss: (m, r) => m(r)[0] ^ 2, optimizer: sgd(lr), batch: 1, epochs: 2)([1.0])[0])(0.1)
//    |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// note: differentiated here
//   --> gradients_of_lists_and_trainings.hs:5:7
// help: stop_gradient(..) of it where none is meant; sum and mean of an rdd have one
//
// error: a param is a number, a tensor of numbers, a bool or a string, this is a list of 2
//   --> gradients_of_lists_and_trainings.hs:6:15
//  6 | param names = ["a", "b"]
//    |               ^^^^^^^^^^
// help: param names = "a b", and words(names) where it is read
// exit 2
