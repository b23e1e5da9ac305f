import "../lib/nothing.hs"
import "../lib/blocks.hs"
print blocks.treble(2)

//= error
// error: cannot read ../lib/nothing.hs: no such file
//   --> imports.hs:1:8
//  1 | import "../lib/nothing.hs"
//    |        ^^^^^^^^^^^^^^^^^^^
//
// error: no name `blocks.treble` here
//   --> imports.hs:3:14
//  3 | print blocks.treble(2)
//    |              ^^^^^^ did you mean `blocks.double`?
// exit 2
