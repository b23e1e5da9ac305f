// w = [[1, 2], [3, 4]], b = [10, 20], by path; by hand
model M(x: f32[2]) -> f32[2] = dense(x, 2)
let net = load(M, "../data/dense.safetensors")
print net([1.0, 1.0])
print safetensors("../data/dense.safetensors", "dense1.b")

//= run
// [14, 26]
// [10, 20]
