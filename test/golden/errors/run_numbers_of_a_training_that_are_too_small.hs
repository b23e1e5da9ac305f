let d = rows(range(6)) |> filter(i => i > 2)
model M(x: i32) -> f32 = {
  weight w: f32 = 0
  w * x
}
print train(M, d, loss: (m, x) => m(x) ^ 2, optimizer: sgd(0.25), batch: div(count(d), 4), epochs: 2)(0)

//= run
// stderr:
// error: `batch` is at least 1, this is 0
//   --> run_numbers_of_a_training_that_are_too_small.hs:6:74
//  6 | print train(M, d, loss: (m, x) => m(x) ^ 2, optimizer: sgd(0.25), batch: div(count(d), 4), epochs: 2)(0)
//    |                                                                          ^^^^^^^^^^^^^^^^
// exit 2
