print grad(w => w * f32(length(string(w))))(2.0)

//= error
// limit: `string` in a function that is differentiated is not built yet
//   --> texts_of_what_is_differentiated.hs:1:32
//  1 | print grad(w => w * f32(length(string(w))))(2.0)
//    |                                ^^^^^^^^^
// help: outside of it, or of rows: rows(x) |> map(..)
// exit 2
