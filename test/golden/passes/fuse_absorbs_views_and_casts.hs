// one kernel: transpose, slice, cast, broadcast and pad are accesses
let x = npy("../data/bytes.npy")
print pad(f32(transpose(x)[1:3]) * 2, [[1, 0], [0, 1]])

//= count kernel
// kernels 2
// mul 1
// pad 1
//= kernel
// kernel k0_mul
//   a1: i32[2, 3]
//   a0: f32[2, 2]
//   phase i0<2> i1<2>
//     a0[i0, i1] = cast:f32(a1[i1, i0+1]) * 2
// kernel k1_pad
//   a1: f32[2, 2]
//   a0: f32[3, 3]
//   phase i0<3> i1<3>
//     a0[i0, i1] = a1[i0-1, i1]
