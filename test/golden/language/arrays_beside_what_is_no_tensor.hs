// mixed.npz was written by NumPy: a = arange(6.), o an array of Python's objects, c complex
let written: { a: f64[6] } = npz("../data/mixed.npz")
print written.a
print npz("../data/mixed.npz").a[1:3]

//= run
// [0, 1, 2, 3, 4, 5]
// [1, 2]
// stderr:
// warning: `o` is left out: o.npy in ../data/mixed.npz holds NumPy's type |O; a tensor is bool, u8, i8, u16, i16, i32, u32, i64, f16, f32 or f64
//   --> arrays_beside_what_is_no_tensor.hs:4:11
//  4 | print npz("../data/mixed.npz").a[1:3]
//    |           ^^^^^^^^^^^^^^^^^^^
// help: a written type names what is read: let z: { .. } = npz(..)
//
// warning: `c` is left out: c.npy in ../data/mixed.npz holds NumPy's type <c16; a tensor is bool, u8, i8, u16, i16, i32, u32, i64, f16, f32 or f64
//   --> arrays_beside_what_is_no_tensor.hs:4:11
//  4 | print npz("../data/mixed.npz").a[1:3]
//    |           ^^^^^^^^^^^^^^^^^^^
// help: a written type names what is read: let z: { .. } = npz(..)
