let d = rows([1.0, 2.0])
save d to "d.csv"
save d to "d.onnx"
save d to "parts/"
save d to "parts.arrow/"
save { a: [1.0] } to "a.npz"
save { a: [1.0] } to "a.npz/"
save "text" to "a.txt"

//= error
// limit: saving .onnx is not built yet
//   --> formats_to_save.hs:3:11
//  3 | save d to "d.onnx"
//    |           ^^^^^^^^
// help: the net to .safetensors
//
// error: no format for "parts/"
//   --> formats_to_save.hs:4:11
//  4 | save d to "parts/"
//    |           ^^^^^^^^
// note: .npy holds a tensor, .npz a record of tensors, .csv, .parquet, .arrow and .json an rdd, .safetensors a net, .txt a string or an rdd of strings
// help: "parts.parquet/"
//
// error: a folder holds the parts of an rdd, this is { a: f32[1] }
//   --> formats_to_save.hs:7:6
//  7 | save { a: [1.0] } to "a.npz/"
//    |      ^^^^^^^^^^^^
// help: save .. to "a.npz"
// exit 2
