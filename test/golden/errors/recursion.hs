fn f(n) = if n > 0 then f(n - 1) else 0
fn g(n) = h(n)
fn h(n) = g(n)
let again = x => again(x)
print f(3)
print g(3)
print again(3)

//= error
// error: `f` calls itself
//   --> recursion.hs:1:25
//  1 | fn f(n) = if n > 0 then f(n - 1) else 0
//    |                         ^
// help: every call is inlined: write iterate, scan or repeat
//
// error: `h` is defined below
//   --> recursion.hs:2:11
//  2 | fn g(n) = h(n)
//    |           ^
// note: defined here
//   --> recursion.hs:3:4
//  3 | fn h(n) = g(n)
// help: a name is seen below its definition: move `h` up
//
// error: `again` calls itself
//   --> recursion.hs:4:18
//  4 | let again = x => again(x)
//    |                  ^^^^^
// help: every call is inlined: write iterate, scan or repeat
// exit 2
