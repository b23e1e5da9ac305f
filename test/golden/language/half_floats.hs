// floats of 16 bits: rounded after each operation, as NumPy's float16; a bf16 is read as an f32 (test/oracle/edges.test.ts has all of them)
let x = npy("../data/halves.npy")
let y = f16([1.5, 65504, 0.1, 0.000001, -3.14159])
print x / f16(3)
print y * y
print f32(y) - [1.5, 65504, 0.1, 0.000001, -3.14159]
print f16(f64(1) + 0.00048828125 + 1e-12)             // above the middle by less than an f32 tells
print f16([[1, 2], [3, 4]]) @ f16([[0.5], [0.25]])
print grad(v => sum(v * v * v))(f16([1, 2]))
let w = safetensors("../data/brain.safetensors", "w")
print w
print f16(w)

//= run
// [0.1666, 0.5]
// [2.25, inf, 0.009995, 0, 9.87]
// [0, 0, -0.000024415553, 1.3278964e-8, 0.0009651184]
// 1.001
// [[1], [2.5]]
// [3, 12]
// [[1.5, -2, 3.140625, inf], [-0, 9.1835e-41, nan, 3.3895314e+38]]
// [[1.5, -2, 3.14, inf], [-0, 0, nan, inf]]
