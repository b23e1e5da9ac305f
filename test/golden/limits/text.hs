let s = "Three words here"
print words(s)
print lower(s)
print length(s)
print hash(s, 8)
print parse_time(s, "%Y")

//= error
// limit: `words` is not built yet
//   --> text.hs:2:7
//  2 | print words(s)
//    |       ^^^^^^^^
// help: strings are not built yet: make numbers of them before, and read these
//
// limit: `lower` is not built yet
//   --> text.hs:3:7
//  3 | print lower(s)
//    |       ^^^^^^^^
// help: strings are not built yet: make numbers of them before, and read these
//
// limit: `length` is not built yet
//   --> text.hs:4:7
//  4 | print length(s)
//    |       ^^^^^^^^^
// help: strings are not built yet: make numbers of them before, and read these
//
// limit: `hash` is not built yet
//   --> text.hs:5:7
//  5 | print hash(s, 8)
//    |       ^^^^^^^^^^
// help: strings are not built yet: make numbers of them before, and read these
//
// limit: `parse_time` is not built yet
//   --> text.hs:6:7
//  6 | print parse_time(s, "%Y")
//    |       ^^^^^^^^^^^^^^^^^^^
// help: it needs an engine for text; a time in a table is i64 microseconds
// exit 2
