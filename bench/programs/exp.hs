// a large vector's exponential
let x: f32[n] = npy("x.npy")
save exp(x) to "z.npy"
