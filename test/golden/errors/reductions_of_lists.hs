print sum([zeros([2]), zeros([3])])
print max([{ a: 1 }, { b: 2 }])

//= error
// error: shapes differ in `+`: f32[2] and f32[3]
//   --> reductions_of_lists.hs:1:7
//  1 | print sum([zeros([2]), zeros([3])])
//    |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ axis 0: 2 and 3
//
// error: max goes over records with the same fields
//   --> reductions_of_lists.hs:2:11
//  2 | print max([{ a: 1 }, { b: 2 }])
//    |           ^^^^^^^^^^^^^^^^^^^^
// exit 2
