def f(x):
  return x + 1
print f(1)

//= error
// error: write `fn`
//   --> 15_foreign_def.hs:1:1
//  1 | def f(x):
//    | ^^^
// help: fn f(x) = ..
//
// error: a function has `=` before its value
//   --> 15_foreign_def.hs:1:9
//  1 | def f(x):
//    |         ^
// help: fn f(x) = ..
//
// error: the last expression of a block is its value: no `return`
//   --> 15_foreign_def.hs:2:3
//  2 |   return x + 1
//    |   ^^^^^^
// help: x + 1
// exit 2
