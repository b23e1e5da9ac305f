model M(x: f32) -> f32 = {
  weight w: f32 = 1
  w * x
}
save { a: init(M), b: init(M, seed: 1) } to "both.safetensors"

//= error
// limit: saving nets of several trainings in one file is not built yet
//   --> nets_of_two_trainings_in_one_file.hs:5:6
//  5 | save { a: init(M), b: init(M, seed: 1) } to "both.safetensors"
//    |      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: a file for each
// exit 2
