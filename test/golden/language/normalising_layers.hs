// figures: NumPy, within an ulp or two
let x = npy("../data/matrix.npy")
model L(x: f32[4]) = layer_norm(x)
model R(x: f32[4]) = rms_norm(x)
model G(x: f32[4, 3]) = group_norm(x, 2)
model B(x: f32[4]) = batch_norm(x)
print init(L)(x[0])
print init(R)(x[0])
print init(G)(transpose(x))[0]
print init(B)(x[0])

//= run
// [-1.3416355, -0.44721183, 0.44721183, 1.3416355]
// [0.36514837, 0.73029673, 1.0954452, 1.4605935]
// [-1.3619691, -0.1513299, 1.0593094]
// [0.999995, 1.99999, 2.999985, 3.99998]
