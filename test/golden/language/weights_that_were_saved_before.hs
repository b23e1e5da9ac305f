// effects run in order: what a save wrote, a load below it reads
model A(x: f32[2]) -> f32[3] = x |> dense(3, init: constant_init(2), name: "body")
model B(x: f32[2]) -> f32 = x |> dense(3, name: "body") |> dense(1, init: constant_init(1), name: "head") |> sum
let a = init(A)
save a to "a.safetensors"
let b = load(B, "a.safetensors", partial: true)
print b([1, 10])
save b to "b.safetensors"
print load(B, "b.safetensors")([1, 10])

//= run
// a.safetensors has no tensor `head.w`: initialised
// a.safetensors has no tensor `head.b`: initialised
// 66
// 66
