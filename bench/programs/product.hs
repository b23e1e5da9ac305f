// a product of two square matrices
let x: f32[n, n] = npy("x.npy")
let y: f32[n, n] = npy("y.npy")
save x @ y to "z.npy"
