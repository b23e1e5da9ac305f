param half = 2.5
model Line(x: f32) -> f32 = unsqueeze(x, 0) |> dense(1) |> reshape([])
print init(Line, seed: half)(1.0)
print init(Line, seed: "a")(1.0)
print rows(range(20)) |> shuffle(seed: [1, 2]) |> first
print rows(range(20)) |> sample(0.5, seed: 1.5) |> first
print train(Line, rows([1.0, 2.0]), loss: (m, x) => (m(x) - 1)^2, optimizer: lbfgs(tolerance: -1), steps: 1)(1.0)

//= error
// error: `seed` is one integer, this is f32
//   --> seeds_that_are_no_integer.hs:3:24
//  3 | print init(Line, seed: half)(1.0)
//    |                        ^^^^
//
// error: `seed` is one integer, this is a string
//   --> seeds_that_are_no_integer.hs:4:24
//  4 | print init(Line, seed: "a")(1.0)
//    |                        ^^^
//
// error: `seed` is one integer, this is i32[2]
//   --> seeds_that_are_no_integer.hs:5:40
//  5 | print rows(range(20)) |> shuffle(seed: [1, 2]) |> first
//    |                                        ^^^^^^
//
// error: `seed` is one integer, this is f32
//   --> seeds_that_are_no_integer.hs:6:44
//  6 | print rows(range(20)) |> sample(0.5, seed: 1.5) |> first
//    |                                            ^^^
//
// error: `tolerance` is a number from 0 up, this is -1
//   --> seeds_that_are_no_integer.hs:7:95
//  7 | print train(Line, rows([1.0, 2.0]), loss: (m, x) => (m(x) - 1)^2, optimizer: lbfgs(tolerance: -1), steps: 1)(1.0)
//    |                                                                                               ^^
// exit 2
