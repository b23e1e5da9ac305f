// b and c are not alive together
param a = 2.0
let b = sin(range(4) * a)
let c = cumsum(b)
print sum(cumsum(c * a))

//= after schedule
// phase one
//   sin b.0.t5@step
//   mul b.0.t9@step
//   reduce b.0.t12@step
//= after memory
// state: 448 bytes at 65536
// step: 256 bytes at 65984
// worker: 0 bytes at 66240
// staging: 0 bytes at 66240
// a: f32[] at state 192
// b.0.t12: f32[] at state 320
