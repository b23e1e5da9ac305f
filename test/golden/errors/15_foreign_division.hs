let x = 7
print x // 2

//= error
// warning: `//` starts a comment
//   --> 15_foreign_division.hs:2:9
//  2 | print x // 2
//    |         ^^
// help: div(x, 2)
// exit 0
