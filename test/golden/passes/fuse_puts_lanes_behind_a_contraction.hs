// one kernel: the sum of products, then its epilogue
let x = npy("../data/matrix.npy")
param b = 0.5
print maximum(x @ transpose(x) + b, 0)

//= after expand
// (graph
//   (fn @0 ((f32 3 4) f32)
//     (%0 transpose x0 (axes (1 0)))
//     (%1 contract x0 %0 (spec "ik,kj->ij"))
//     (%2 broadcast x1 (axes ()) (shape (3 3)))
//     (%3 add %1 %2)
//     (%4 full (elem "f32") (shape (3 3)) (value 0))
//     (%5 max %3 %4)
//     (results %5)))
//= after fuse
// kernel max
//   in0: f32[3, 4]
//   in1: f32[]
//   b.0.t7: f32[3, 3]
//   phase i0<3> i1<3> | r0<4>
//     s = add in0[i0, r0] * in0[i1, r0]
//     e0 = s
//     e1 = e0 + in1[]
//     b.0.t7[i0, i1] = max(e1, 0)
