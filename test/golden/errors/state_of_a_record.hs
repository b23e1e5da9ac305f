layer counted(x: f32[2]) -> f32[2] = {
  state seen: f32[2] = 0 then seen + x
  x + seen
}
model M(x: f32[2]) -> f32 = x |> counted |> dense(1) |> sum
print train(M, rows([[1.0, 2.0]]), loss: (m, x) => m(x)^2, optimizer: sgd(0.1), epochs: 1)([1.0, 2.0])

//= error
// error: the next value of the state counted1.seen hangs on one record
//   --> state_of_a_record.hs:2:31
//  2 |   state seen: f32[2] = 0 then seen + x
//    |                               ^^^^^^^^
// help: over_batch(x) is x of all records of the step: mean(over_batch(x), axis: 0)
// exit 2
