// The mean of what a script writes (data: npx node make.ts).
let d: rdd { x: f32 } = csv("no_such_folder/*.csv")
print d |> mean(.x)

//= error
// error: no file matches no_such_folder/*.csv
//   --> no_file_of_a_pattern_that_a_command_makes.hs:2:29
//  2 | let d: rdd { x: f32 } = csv("no_such_folder/*.csv")
//    |                             ^^^^^^^^^^^^^^^^^^^^^^
// help: npx node make.ts
// exit 2
