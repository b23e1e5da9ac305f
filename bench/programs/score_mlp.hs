// one record through a net that was trained before
let x: f32[28, 28] = npy("x.npy")
model MLP(x: f32[28, 28]) -> f32[10] = x |> flatten |> dense(256) |> relu |> dense(128) |> relu |> dense(10)
save load(MLP, "net.safetensors")(x) to "y.npy"
