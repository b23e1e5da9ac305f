// one pass over two large vectors
let x: f32[n] = npy("x.npy")
let y: f32[n] = npy("y.npy")
save relu(2 * x + y) * x - y to "z.npy"
