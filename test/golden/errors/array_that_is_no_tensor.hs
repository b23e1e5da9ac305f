let own: { a: f64[6], o: f64[2] } = npz("../data/mixed.npz")
print own.a

//= error
// error: o.npy in ../data/mixed.npz holds NumPy's type |O; a tensor is bool, u8, i8, u16, i16, i32, u32, i64, f16, f32 or f64
//   --> array_that_is_no_tensor.hs:1:23
//  1 | let own: { a: f64[6], o: f64[2] } = npz("../data/mixed.npz")
//    |                       ^
// exit 2
