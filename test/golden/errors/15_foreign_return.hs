fn f(x) = { let y = x + 1 return y }
print f(1)

//= error
// error: the last expression of a block is its value: no `return`
//   --> 15_foreign_return.hs:1:27
//  1 | fn f(x) = { let y = x + 1 return y }
//    |                           ^^^^^^
// help: fn f(x) = { let y = x + 1 y }
// exit 2
