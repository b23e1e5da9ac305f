// kernels that hand large tensors to each other along rows are one, which runs strip by strip: softmax, and its gradient
param a = 0.001
let x = reshape(sin(range(16384) * a), [64, 256])
let t = reshape(sin(range(16384) + a), [64, 256])
save softmax(x) to "y.npy"
save grad(v => sum(softmax(v) * t))(x) to "g.npy"

//= after schedule
// phase one
//   sin b.0.t5@step
//   reduce b.0.t7@step
//   select.strips b.0.t16@step b.0.t29@step
//= kernel
// kernel k0_sin
//   a0: f32[]
//   a1: f32[16384]
//   phase i0<16384>
//     e0 = cast:f32(i0) * a0[]
//     a1[i0] = sin(e0)
// kernel k1_reduce
//   a0: f32[64, 256]
//   a1: f32[64]
//   phase i0<64> | r0<256>
//     s = max a0[i0, r0]
//     a1[i0] = s
// kernel k2_select_strips
//   a0: f32[]
//   a1: f32[64]
//   strip0: f32[64, 256] local as 0%4 1
//   strip1: f32[64] local as 0%4
//   strip2: f32[64, 256] local as 0%4 1
//   a2: f32[64, 256]
//   a3: f32[64, 256]
//   phase row0<16> i0.0<4> i1.0<256>
//     e0_0 = sin(cast:f32((((row0 * 4:i32) + i0.0) * 256:i32) + i1.0) * a0[]) - a1[4*row0+i0.0]
//     e1_0 = e0_0 * 1.4426950216293335
//     strip0[4*row0+i0.0, i1.0] = exp2(e1_0)
//   phase row0<16> i0.1<4> | r0.1<256>
//     s_1 = add strip0[4*row0+i0.1, r0.1]
//     strip1[4*row0+i0.1] = s_1
//   phase row0<16> i0.2<4> i1.2<256>
//     e0_2 = strip0[4*row0+i0.2, i1.2] / strip1[4*row0+i0.2]
//     e1_2 = sin(cast:f32((((row0 * 4:i32) + i0.2) * 256:i32) + i1.2) + a0[]) * e0_2
//     a2[4*row0+i0.2, i1.2] = e0_2
//     strip2[4*row0+i0.2, i1.2] = select(sin(cast:f32((((row0 * 4:i32) + i0.2) * 256:i32) + i1.2) + a0[]) == 0, 0, e1_2)
//   phase row0<16> i0.3<4> | r0.3<256>
//     s_3 = add strip2[4*row0+i0.3, r0.3]
//     strip1[4*row0+i0.3] = s_3
//   phase row0<16> i0.4<4> i1.4<256>
//     e0_4 = sin(cast:f32((((row0 * 4:i32) + i0.4) * 256:i32) + i1.4) + a0[]) - strip1[4*row0+i0.4]
//     v_4 = e0_4 * a2[4*row0+i0.4, i1.4]
//     a3[4*row0+i0.4, i1.4] = select(e0_4 == 0, 0, v_4)
