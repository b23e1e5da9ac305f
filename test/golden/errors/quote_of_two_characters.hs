print csv("../data/table.csv", quote: "''")
print csv("../data/table.csv", quote: ",")

//= error
// error: `quote` is one character of ASCII, or "" where nothing is quoted
//   --> quote_of_two_characters.hs:1:39
//  1 | print csv("../data/table.csv", quote: "''")
//    |                                       ^^^^
//
// error: `quote` is what `delimiter` is
//   --> quote_of_two_characters.hs:2:39
//  2 | print csv("../data/table.csv", quote: ",")
//    |                                       ^^^
// exit 2
