model LeNet(x: f32[28, 28]) -> f32[10] = x |> flatten |> dense(10)
let digits = rows(zeros([5, 28, 28]))
print digits |> map(x => LeNet(x))

//= error
// error: LeNet is a model: it has no weights yet
//   --> 08_model_without_weights.hs:3:26
//  3 | print digits |> map(x => LeNet(x))
//    |                          ^^^^^
// help: call what train(LeNet, ..) returned, load(LeNet, "file.safetensors") or init(LeNet)
// exit 2
