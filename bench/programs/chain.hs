// ten operations per element in one pass
let x: f32[n] = npy("x.npy")
let y: f32[n] = npy("y.npy")
let a = abs(x * 1.5 - y)
let b = maximum(a * y, x) + 0.5
save minimum(b * b, 4) * x - y to "z.npy"
