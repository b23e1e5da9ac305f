let a: f32? = null
print a ?? 1.0

//= error
// error: write `none`
//   --> 15_foreign_null.hs:1:15
//  1 | let a: f32? = null
//    |               ^^^^
// help: let a: f32? = none
// exit 2
