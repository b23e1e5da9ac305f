model M(x: f32[3]) -> f32[2] = x |> dense(2, init: constant_init(0.5)) |> tanh
let d = npy("../data/points.npy") |> rows
let net = init(M)
print d |> map(p => sum(net(p) ^ 2)) |> take(20) |> collect

//= after schedule
// phase one
//   full b.1.t3@step
//   full b.1.t4@step
//   full b.1.t5@step
//
// phase panels
//   in b.4.t0@worker
//   mul b.4.t7@worker
//   reduce b.4.t8@step
//   copy out.3@state
