let images = [1.0, 2.0]
print sum(imges)
print images |> sun
print { a: 1 }.b
print sum(images, axes: 0)

//= error
// error: no name `imges` here
//   --> unknown_names.hs:2:11
//  2 | print sum(imges)
//    |           ^^^^^ did you mean `images`?
//
// error: no name `sun` here
//   --> unknown_names.hs:3:17
//  3 | print images |> sun
//    |                 ^^^ did you mean `sin`?
//
// error: no field `b` in { a: 1 }
//   --> unknown_names.hs:4:16
//  4 | print { a: 1 }.b
//    |                ^
// note: fields: a
//
// error: sum has no argument `axes`
//   --> unknown_names.hs:5:19
//  5 | print sum(images, axes: 0)
//    |                   ^^^^ did you mean `axis`?
// note: sum(x, axis)
// exit 2
