let x = 3
print x**2

//= error
// error: write `^`
//   --> 15_foreign_power.hs:2:8
//  2 | print x**2
//    |        ^^
// help: print x^2
// exit 2
