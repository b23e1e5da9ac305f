// The mean of what a script writes (data: npx node make.ts).
let d: rdd { x: f32 } = csv("no_such_file.csv")
print d |> mean(.x)

//= error
// error: cannot read no_such_file.csv: no such file
//   --> a_missing_file_that_a_command_makes.hs:2:29
//  2 | let d: rdd { x: f32 } = csv("no_such_file.csv")
//    |                             ^^^^^^^^^^^^^^^^^^
// help: npx node make.ts
// exit 2
