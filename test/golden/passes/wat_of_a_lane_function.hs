param x = 2.0
print x * x + 1

//= loop
// (kernel k0_add
//   ((buf a0 f32 1 param) (buf a1 f32 1 param))
//   :n
//   (n_0 i32)
//   ()
//   ()
//   ((alloc
//       (buf e0_1 f32 1 reg)
//       ((alloc
//           (buf out1_2 f32 1 reg)
//           ((store e0_1 (0) (mul f32 (load a0 (0) f32) (load a0 (0) f32)))
//             (store out1_2 (0) (add f32 (load e0_1 (0) f32) (const f32 1)))
//             (store a1 (0) (load out1_2 (0) f32))))))))
//= wat
// (module
//  (type $0 (func (param i32 i32 i32 i32 i32 i32)))
//  (type $1 (func (param i32 i32 i32 i32)))
//  (import "env" "memory" (memory $memory 1 65536 shared))
//  (export "k0_add" (func $k0_add))
//  (export "p0" (func $"phase p0"))
//  (func $k0_add (param $0 i32) (param $1 i32) (param $2 i32) (param $3 i32) (param $4 i32) (param $5 i32)
//   (local $6 f32)
//   (local $7 f32)
//   (local.set $6
//    (f32.mul
//     (f32.load
//      (local.get $4)
//     )
//     (f32.load
//      (local.get $4)
//     )
//    )
//   )
//   (local.set $7
//    (f32.add
//     (local.get $6)
//     (f32.const 1)
//    )
//   )
//   (f32.store
//    (local.get $5)
//    (local.get $7)
//   )
//  )
//  (func $"phase p0" (param $0 i32) (param $1 i32) (param $2 i32) (param $3 i32)
//   (if
//    (i32.lt_s
//     (local.get $0)
//     (local.get $1)
//    )
//    (then
//     (loop $items
//      (call $k0_add
//       (local.get $2)
//       (local.get $0)
//       (i32.add
//        (local.get $0)
//        (i32.const 1)
//       )
//       (local.get $3)
//       (i32.const 65728)
//       (i32.const 65856)
//      )
//      (br_if $items
//       (i32.lt_s
//        (local.tee $0
//         (i32.add
//          (local.get $0)
//          (i32.const 1)
//         )
//        )
//        (local.get $1)
//       )
//      )
//     )
//    )
//   )
//  )
// )
