// a product of two square matrices of f64
let x: f64[n, n] = npy("x.npy")
let y: f64[n, n] = npy("y.npy")
save x @ y to "z.npy"
