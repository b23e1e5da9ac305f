let x = npy("../data/matrix.npy")
print sum(x, axis: 1)

//= kernel
// kernel k0_reduce
//   a0: f32[3, 4]
//   a1: f32[3]
//   phase i0<3> | r0<4>
//     s = add a0[i0, r0]
//     a1[i0] = s
//= loop
// (kernel k0_reduce
//   ((buf a0 f32 12 param) (buf a1 f32 3 param))
//   :n
//   (n_0 i32)
//   ()
//   ()
//   ((for loop
//       ((0))
//       ((3))
//       1
//       (i0_1 i32 3)
//       ((alloc
//           (buf s_2 f32 1 reg)
//           ((alloc
//               (buf out0_5 f32 1 reg)
//               ((store s_2 (0) (const f32 0))
//                 (for loop
//                   ((0))
//                   ((4))
//                   1
//                   (r0_3 i32 4)
//                   ((let (load a0 (0 (1 r0_3) (4 i0_1)) f32) (s_4 f32)) (store s_2 (0) (add f32 (load s_2 (0) f32) s_4))))
//                 (store out0_5 (0) (load s_2 (0) f32))
//                 (store a1 (0 (1 i0_1)) (load out0_5 (0) f32))))))))))
