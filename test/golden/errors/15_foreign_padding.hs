model M(x: f32[1, 8, 8]) -> f32[4, 8, 8] = conv(x, 4, kernel: 3, padding=2)
print init(M)(zeros([1, 8, 8]))

//= error
// error: arguments are named with `:`
//   --> 15_foreign_padding.hs:1:66
//  1 | model M(x: f32[1, 8, 8]) -> f32[4, 8, 8] = conv(x, 4, kernel: 3, padding=2)
//    |                                                                  ^^^^^^^^^
// help: padding: 2
// exit 2
