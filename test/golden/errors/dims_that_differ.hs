fn f(x: f32[n], y: f32[n]) = x + y
print f([1.0, 2.0], [1.0, 2.0, 3.0])
fn g(x: f32[2]) -> f32[3] = x
print g([1.0, 2.0])
print [1.0, 2.0] @ [1.0, 2.0, 3.0]
print reshape([1, 2, 3], [2, 2])

//= error
// error: y: f32[2] cannot take [1.0, 2.0, 3.0]: f32[3]
//   --> dims_that_differ.hs:2:21
//  2 | print f([1.0, 2.0], [1.0, 2.0, 3.0])
//    |                     ^^^^^^^^^^^^^^^ axis 0 is 3
// note: declared here
//   --> dims_that_differ.hs:1:1
//  1 | fn f(x: f32[n], y: f32[n]) = x + y
//
// error: g returns f32[3], its body is f32[2]
//   --> dims_that_differ.hs:3:29
//  3 | fn g(x: f32[2]) -> f32[3] = x
//    |                             ^ axis 0 is 2
//
// error: shapes differ in `@`: f32[2] and f32[3]
//   --> dims_that_differ.hs:5:7
//  5 | print [1.0, 2.0] @ [1.0, 2.0, 3.0]
//    |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ axis 0 of the left is 2, axis 0 of the right is 3
//
// error: reshape: [3] has 3 elements, [2, 2] has 4
//   --> dims_that_differ.hs:6:26
//  6 | print reshape([1, 2, 3], [2, 2])
//    |                          ^^^^^^
// exit 2
