// one record through a net that was trained before
let x: f32[28, 28] = npy("x.npy")
model LeNet(x: f32[28, 28]) -> f32[10] =
  x |> reshape([1, 28, 28]) |> conv(20, kernel: 5) |> max_pool(2) |> conv(50, kernel: 5) |> max_pool(2)
    |> flatten |> dense(500) |> relu |> dense(10)
save load(LeNet, "net.safetensors")(x) to "y.npy"
