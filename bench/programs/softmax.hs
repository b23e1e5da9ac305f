// softmax of rows, and its gradient against a given direction
let x: f32[n, m] = npy("x.npy")
let t: f32[n, m] = npy("t.npy")
save softmax(x) to "y.npy"
save grad(v => sum(softmax(v) * t))(x) to "g.npy"
