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
//   div.strips b.0.t13@step b.0.t14@step b.0.t16@step
//
// phase one
//   mul.strips b.0.t30@step
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
// kernel k2_div_strips
//   a0: f32[]
//   a1: f32[64]
//   a2: f32[64, 256]
//   a3: f32[64]
//   a4: f32[64, 256]
//   phase row0<8> i0.0<8> i1.0<256>
//     e0_0 = sin(cast:f32((((row0 * 8:i32) + i0.0) * 256:i32) + i1.0) * a0[]) - a1[8*row0+i0.0]
//     e1_0 = e0_0 * 1.4426950216293335
//     a2[8*row0+i0.0, i1.0] = exp2(e1_0)
//   phase row0<8> i0.1<8> | r0.1<256>
//     s_1 = add a2[8*row0+i0.1, r0.1]
//     a3[8*row0+i0.1] = s_1
//   phase row0<8> i0.2<8> i1.2<256>
//     a4[8*row0+i0.2, i1.2] = a2[8*row0+i0.2, i1.2] / a3[8*row0+i0.2]
// kernel k3_mul_strips
//   a0: f32[]
//   a1: f32[64]
//   strip0: f32[64, 256] local as 0%4 1
//   a2: f32[64, 256]
//   strip1: f32[64] local as 0%4
//   a4: f32[64, 256]
//   a3: f32[64, 256]
//   phase row0<16> i0.0<4> i1.0<256>
//     e0_0 = sin(cast:f32((((row0 * 4:i32) + i0.0) * 256:i32) + i1.0) + a0[]) / a1[4*row0+i0.0]
//     strip0[4*row0+i0.0, i1.0] = select(sin(cast:f32((((row0 * 4:i32) + i0.0) * 256:i32) + i1.0) + a0[]) == 0, 0, e0_0)
//   phase row0<16> i0.1<4> | r0.1<256>
//     s_1 = add select(sin(cast:f32((((row0 * 4:i32) + i0.1) * 256:i32) + r0.1) + a0[]) == 0, 0, neg(strip0[4*row0+i0.1, r0.1] * a2[4*row0+i0.1, r0.1]))
//     strip1[4*row0+i0.1] = s_1
//   phase row0<16> i0.2<4> i1.2<256>
//     e0_2 = strip0[4*row0+i0.2, i1.2] + strip1[4*row0+i0.2]
//     a3[4*row0+i0.2, i1.2] = e0_2 * a4[4*row0+i0.2, i1.2]
