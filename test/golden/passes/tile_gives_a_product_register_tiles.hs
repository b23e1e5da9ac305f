let a = npy("../../../examples/data/a.npy")
let b = npy("../../../examples/data/b.npy")
print sum(a @ b)

//= after tile
// kernel contract
//   a0: f32[37, 53]
//   a1: f32[53, 29]
//   a2: f32[]
//   phase | r0<37> r1<53> r2<29>
//     s = add a0[r0, r1] * a1[r1, r2]
//     a2[] = s
//     by | r0:1 r1:1 r2:1
