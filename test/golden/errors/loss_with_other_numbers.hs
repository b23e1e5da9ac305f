model Line(x: f32) -> f32 = unsqueeze(x, 0) |> dense(1) |> reshape([])
let points = rows(f32(range(8))) |> map(x => { x: x })
let a = train(Line, points, loss: (m, r) => { loss: (m(r.x) - 1)^2, off: abs(m(r.x) - 1) }, optimizer: sgd(0.1), epochs: 1)
let b = train(Line, points, loss: (m, r) => { loss: (m(r.x) - 1)^2, carry: r.x }, optimizer: sgd(0.1), epochs: 1)
print a(1.0) + b(1.0)

//= error
// error: the loss of one record must be one number, this is { loss: f32, off: f32 }
//   --> loss_with_other_numbers.hs:3:45
//  3 | let a = train(Line, points, loss: (m, r) => { loss: (m(r.x) - 1)^2, off: abs(m(r.x) - 1) }, optimizer: sgd(0.1), epochs: 1)
//    |                                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: metrics: { name: (m, r) => .. } reports other numbers; loss: { g: (m, r) => .., d: .. } is of a record of models
//
// error: the loss of one record must be one number, this is { loss: f32, carry: f32 }
//   --> loss_with_other_numbers.hs:4:45
//  4 | let b = train(Line, points, loss: (m, r) => { loss: (m(r.x) - 1)^2, carry: r.x }, optimizer: sgd(0.1), epochs: 1)
//    |                                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: train(.., carry: c0), where loss is (m, r, c) => { loss: .., carry: .. }
// exit 2
