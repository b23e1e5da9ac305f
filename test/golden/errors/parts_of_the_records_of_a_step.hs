model Line(x: f32) -> f32 = unsqueeze(x, 0) |> dense(1) |> reshape([])
fn trained(f) = train(Line, rows(f32(range(20))), loss: (m, x) => (m(x) - f(over_batch(m(x))))^2, optimizer: sgd(0.1), epochs: 1)
print trained(e => sum(e[0:div(shape(e)[0], 7)]))(1.0)

//= error
// error: a side of div(batch, 7), of a step with any number of records
//   --> parts_of_the_records_of_a_step.hs:3:24
//  3 | print trained(e => sum(e[0:div(shape(e)[0], 7)]))(1.0)
//    |                        ^^^^^^^^^^^^^^^^^^^^^^^^
// help: keep the axis of over_batch as it is
// exit 2
