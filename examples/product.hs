// The product of two matrices from NumPy's files. Their sizes have names here: they are read from the files' headers.
let a: f32[n, k] = npy("data/a.npy")
let b: f32[k, m] = npy("data/b.npy")
save a @ b to "c.npy"

//= run
