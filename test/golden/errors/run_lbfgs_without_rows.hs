model Line(x: f32) -> f32 = unsqueeze(x, 0) |> dense(1) |> reshape([])
let net = train(Line, rows([1.0, -2.0]) |> filter(x => x > 5), loss: (m, x) => (m(x) - x)^2, optimizer: lbfgs(), epochs: 20)
print net(1.0)

//= run
// stderr:
// epoch 1/20  loss NaN
// error: the loss over all data is not finite; of no rows it is NaN
//   --> run_lbfgs_without_rows.hs:2:11
//  2 | let net = train(Line, rows([1.0, -2.0]) |> filter(x => x > 5), loss: (m, x) => (m(x) - x)^2, optimizer: lbfgs(), epochs: 20)
//    |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// exit 1
