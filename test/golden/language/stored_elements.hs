// u8 computes as i32, f64 keeps its bits, i64 beyond 2^32; figures: NumPy
let b = npy("../data/bytes.npy")
print b + 1
print sum(b)
print b / 2
let d = npy("../data/doubles.npy")
print d
print d[0] + d[1]
print sum(i64(b) * 10_000_000_000)
print f32(d[0:2])

//= run
// [[1, 2, 3], [254, 255, 256]]
// 765
// [[0, 0.5, 1], [126.5, 127, 127.5]]
// [0.1, 0.2, 1e+300]
// 0.30000000000000004
// 7650000000000
// [0.1, 0.2]
