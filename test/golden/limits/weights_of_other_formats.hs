model M(x: f32[2]) -> f32[1] = dense(x, 1)
print load(M, "m.onnx")([1.0, 2.0])
print load(M, "m.caffemodel")([1.0, 2.0])

//= error
// limit: reading .onnx is not built yet
//   --> weights_of_other_formats.hs:2:15
//  2 | print load(M, "m.onnx")([1.0, 2.0])
//    |               ^^^^^^^^
// help: a .safetensors file
//
// limit: reading .caffemodel is not built yet
//   --> weights_of_other_formats.hs:3:15
//  3 | print load(M, "m.caffemodel")([1.0, 2.0])
//    |               ^^^^^^^^^^^^^^
// help: a .safetensors file
// exit 2
