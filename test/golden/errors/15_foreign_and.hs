let a = true
print a && not a

//= error
// error: write `and`
//   --> 15_foreign_and.hs:2:9
//  2 | print a && not a
//    |         ^^
// help: print a and not a
// exit 2
