let d = rows(range(6)) |> filter(i => i > 2)
let n = count(d)
model M(x: i32) -> f32 = {
  weight w: f32 = 0
  w * x
}
print 1.0 |> repeat(n, x => x * 2)
print ["a", "b"] |> take(n)
print train(M, d, loss: (m, x) => m(x) ^ 2, optimizer: sgd(0.25), batch: n / 4, epochs: 2)(0)

//= error
// error: `times` must be known when compiling, this hangs on data
//   --> numbers_that_must_be_known.hs:7:21
//  7 | print 1.0 |> repeat(n, x => x * 2)
//    |                     ^
// help: iterate(x, f, times: n) is not unrolled
//
// error: `n` must be known when compiling, this hangs on data
//   --> numbers_that_must_be_known.hs:8:26
//  8 | print ["a", "b"] |> take(n)
//    |                          ^
// help: a number, or a param
//
// error: `batch` is an integer, this is f32
//   --> numbers_that_must_be_known.hs:9:74
//  9 | print train(M, d, loss: (m, x) => m(x) ^ 2, optimizer: sgd(0.25), batch: n / 4, epochs: 2)(0)
//    |                                                                          ^^^^^
// help: div(a, b) in place of a / b, or i32(n / 4)
// exit 2
