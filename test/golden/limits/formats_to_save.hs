let d = rows([1.0, 2.0])
save d to "d.csv"
save d to "d.arrow"
save d to "parts/"
save { a: [1.0] } to "a.npz"
save "text" to "a.txt"

//= error
// limit: saving .arrow is not built yet
//   --> formats_to_save.hs:3:11
//  3 | save d to "d.arrow"
//    |           ^^^^^^^^^
// help: collect(d) to a .npy file
//
// limit: saving one file per partition is not built yet
//   --> formats_to_save.hs:4:11
//  4 | save d to "parts/"
//    |           ^^^^^^^^
// help: a path with an extension: .npy, .safetensors
// exit 2
