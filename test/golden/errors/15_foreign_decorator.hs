@jit
fn f(x) = x + 1
print f(1)

//= error
// error: hsc has no decorators
//   --> 15_foreign_decorator.hs:1:1
//  1 | @jit
//    | ^^^^
// help: call the function: let g = decorate(f)
// exit 2
