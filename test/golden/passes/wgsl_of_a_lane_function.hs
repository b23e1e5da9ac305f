let x = npy("../data/matrix.npy")
print x * x + 1

//= kernel
// kernel k0_add
//   a0: f32[12]
//   a1: f32[12]
//   phase i0.i1<12>
//     e0 = a0[i0.i1] * a0[i0.i1]
//     a1[i0.i1] = e0 + 1
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
//   let size0 = 12;
//   if (item < size0) {
//     let i0_i1_1 = item;
//     var e0_2_r0: f32;
//     var out1_3_r0: f32;
//     e0_2_r0 = (m_a0[i0_i1_1] * m_a0[i0_i1_1]);
//     out1_3_r0 = (e0_2_r0 + 1.0f);
//     m_a1[i0_i1_1] = out1_3_r0;
//   }
// }
