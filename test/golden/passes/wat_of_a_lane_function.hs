param x = 2.0
print x * x + 1

//= loop
// (kernel k0_mul
//   ((buf a1 f32 1 param) (buf a0 f32 1 param))
//   :n
//   (n_0 i32)
//   ()
//   ()
//   ((alloc
//       (buf out0_1 f32 1 reg)
//       ((store out0_1 (0) (mul f32 (load a1 (0) f32) (load a1 (0) f32))) (store a0 (0) (load out0_1 (0) f32))))))
// (kernel k1_add
//   ((buf a1 f32 1 param) (buf a0 f32 1 param))
//   :n
//   (n_0 i32)
//   ()
//   ()
//   ((alloc
//       (buf out0_1 f32 1 reg)
//       ((store out0_1 (0) (add f32 (load a1 (0) f32) (const f32 1))) (store a0 (0) (load out0_1 (0) f32))))))
//= wat
// (module
//  (type $0 (func (param i32 i32 i32 i32 i32 i32)))
//  (type $1 (func (param i32 i32 i32 i32)))
//  (import "env" "memory" (memory $memory 1 65536 shared))
//  (export "k0_mul" (func $k0_mul))
//  (export "k1_add" (func $k1_add))
//  (export "p0" (func $"phase p0"))
//  (func $k0_mul (param $0 i32) (param $1 i32) (param $2 i32) (param $3 i32) (param $4 i32) (param $5 i32)
//   (local $6 f32)
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
//   (f32.store
//    (local.get $5)
//    (local.get $6)
//   )
//  )
//  (func $k1_add (param $0 i32) (param $1 i32) (param $2 i32) (param $3 i32) (param $4 i32) (param $5 i32)
//   (local $6 f32)
//   (local.set $6
//    (f32.add
//     (f32.load
//      (local.get $4)
//     )
//     (f32.const 1)
//    )
//   )
//   (f32.store
//    (local.get $5)
//    (local.get $6)
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
//      (call $k0_mul
//       (local.get $2)
//       (local.get $0)
//       (i32.add
//        (local.get $0)
//        (i32.const 1)
//       )
//       (local.get $3)
//       (i32.const 65728)
//       (i32.const 65984)
//      )
//      (call $k1_add
//       (local.get $2)
//       (local.get $0)
//       (i32.add
//        (local.get $0)
//        (i32.const 1)
//       )
//       (local.get $3)
//       (i32.const 65984)
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
