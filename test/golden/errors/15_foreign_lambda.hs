print map([1, 2], lambda x: x + 1)

//= error
// error: write `x => ..`
//   --> 15_foreign_lambda.hs:1:19
//  1 | print map([1, 2], lambda x: x + 1)
//    |                   ^^^^^^^^^
// help: print map([1, 2], x => x + 1)
// exit 2
