let a = npy("../../../examples/data/a.npy")
let b = npy("../../../examples/data/b.npy")
print a @ b

//= after tile
// kernel contract
//   a0: f32[37, 53]
//   a1: f32[53, 29]
//   a2: f32[37, 29]
//   phase i0<37> i1<29> | r0<53>
//     s = add a0[i0, r0] * a1[r0, i1]
//     a2[i0, i1] = s
//     by i0:6~ i1:16 | r0:1, i1 in 16 lanes
