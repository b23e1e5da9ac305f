param x = 2.0
print name = x * x

//= plan
// {
//   needs: {},
//   sources: [],
//   inputs: [{ k: "param", name: "x", value: 2, buffer: 0 }],
//   feeds: [],
//   pointers: [],
//   regions: {
//     state: { base: 65536, bytes: 448 },
//     step: { base: 65984, bytes: 0 },
//     worker: { base: 65984, bytes: 0 },
//     staging: { base: 65984, bytes: 0 },
//   },
//   heap: 66048,
//   faults: { region: "state", offset: 64 },
//   sites: [],
//   buffers: [
//     { name: "x", at: { region: "state", offset: 192 }, store: "f32", shape: [] },
//     { name: "b.0.t1", at: { region: "state", offset: 320 }, store: "f32", shape: [] },
//   ],
//   calls: [
//     {
//       kernel: "k0_mul",
//       args: [{ region: "state", offset: 192 }, { region: "state", offset: 320 }],
//       writes: [
//         {
//           arg: 1,
//           store: "f32",
//           bytes: { of: 1, by: 1, unit: 4 },
//           name: "mul",
//           span: { file: "plan_of_a_product.hs", start: 27, end: 32, line: 2, column: 14 },
//         },
//       ],
//       scratch: 0,
//     },
//   ],
//   steps: [
//     { k: "phase", name: "p0", items: 1, calls: [0] },
//     { k: "check" },
//     {
//       k: "print",
//       label: "name",
//       value: { k: "tensor", result: 1 },
//       span: { file: "plan_of_a_product.hs", start: 14, end: 32, line: 2, column: 1 },
//     },
//   ],
//   constants: [],
//   modules: { relaxed: "stage0.relaxed.wasm", simd: "stage0.simd.wasm" },
// }
