model Conv(x: f32[2, 6, 7]) -> f32[3, 3, 4] = conv(x, 3, kernel: 3, stride: 2, pad: 1, init: constant_init(1))
print init(Conv)(npy("../data/image.npy"))

//= after expand
// (graph
//   (fn @0 ((f32 2 6 7))
//     (%0 pad x0 (hi (0 1 1)) (interior (0 0 0)) (lo (0 1 1)) (value 0))
//     (%1 window %0 (axis 1) (dilation 1) (size 3) (stride 2))
//     (%2 window %1 (axis 3) (dilation 1) (size 3) (stride 2))
//     (%3 full (elem "f32") (shape (3 2 3 3)) (value 1))
//     (%4 contract %2 %3 (spec "cyixj,fcij->fyx"))
//     (%5 full (elem "f32") (shape (3 3 4)) (value 0))
//     (%6 add %4 %5)
//     (results %6)))
//= kernel
// kernel k0_add
//   a0: f32[2, 6, 7]
//   a1: f32[3, 3, 4]
//   phase i0<3> i1<3> i2<4> | r0<2> r1<3> r2<3>
//     s = add a0[r0, 2*i1+r1-1, 2*i2+r2-1] * 1
//     e0 = s
//     a1[i0, i1, i2] = e0 + 0
