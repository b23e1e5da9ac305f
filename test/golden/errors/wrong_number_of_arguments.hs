fn f(a, b = 2) = a + b
print f()
print f(1, 2, 3)
print sqrt()
print maximum(1)
print rows([1.0]) |> map
print [1, 2] |> map((a, b) => a)
print rows([1.0]) |> take(1, 2)
print f(1, a: 2)

//= error
// error: f needs `a`
//   --> wrong_number_of_arguments.hs:2:7
//  2 | print f()
//    |       ^^^
// note: f(a, b = 2)
//
// error: f takes 2 arguments, 3 are given
//   --> wrong_number_of_arguments.hs:3:15
//  3 | print f(1, 2, 3)
//    |               ^
// note: f(a, b = 2)
//
// error: sqrt needs `x`
//   --> wrong_number_of_arguments.hs:4:7
//  4 | print sqrt()
//    |       ^^^^^^
// note: sqrt(x)
//
// error: maximum needs `b`
//   --> wrong_number_of_arguments.hs:5:7
//  5 | print maximum(1)
//    |       ^^^^^^^^^^
// note: maximum(a, b)
//
// error: map needs `f`
//   --> wrong_number_of_arguments.hs:6:22
//  6 | print rows([1.0]) |> map
//    |                      ^^^
// note: map(c, f)
//
// error: this function needs `b`
//   --> wrong_number_of_arguments.hs:7:17
//  7 | print [1, 2] |> map((a, b) => a)
//    |                 ^^^^^^^^^^^^^^^^
//
// error: take takes 2 arguments, 3 are given
//   --> wrong_number_of_arguments.hs:8:30
//  8 | print rows([1.0]) |> take(1, 2)
//    |                              ^
// note: take(c, n)
//
// error: `a` of f is given twice
//   --> wrong_number_of_arguments.hs:9:12
//  9 | print f(1, a: 2)
//    |            ^^^^
// note: f(a, b = 2)
// exit 2
