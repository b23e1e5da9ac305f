let x = npy("../data/matrix.npy")
print x * x + 1

//= kernel
// kernel k0_add
//   a0: f32[3, 4]
//   a1: f32[3, 4]
//   phase i0<3> i1<4>
//     e0 = a0[i0, i1] * a0[i0, i1]
//     a1[i0, i1] = e0 + 1
//= wgsl
// // stage0.k0_add.wgsl
// struct Scalars { n: i32, start: i32 }
// @group(1) @binding(0) var<uniform> scalars: Scalars;
// @group(0) @binding(0) var<storage, read_write> m_a0: array<f32>;
// @group(0) @binding(1) var<storage, read_write> m_a1: array<f32>;
// @compute @workgroup_size(64)
// fn main(
//   @builtin(workgroup_id) group: vec3<u32>,
//   @builtin(num_workgroups) groups: vec3<u32>,
//   @builtin(local_invocation_index) lane: u32,
// ) {
//   let n = scalars.n;
//   let item = i32(group.y * groups.x + group.x) * 64 + i32(lane);
//   let size0 = 3;
//   let size1 = 4;
//   if (item < size0 * size1) {
//     let i0_1 = item / (size1);
//     let i1_2 = (item) % size1;
//     {
//       var e0_3_r0: f32;
//       {
//         var out1_4_r0: f32;
//         e0_3_r0 = (m_a0[(i1_2 + i0_1 * 4)] * m_a0[(i1_2 + i0_1 * 4)]);
//         out1_4_r0 = (e0_3_r0 + 1.0f);
//         m_a1[(i1_2 + i0_1 * 4)] = out1_4_r0;
//       }
//     }
//   }
// }
