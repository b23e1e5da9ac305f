import "../lib/loud.hs"
import "../lib/circle.hs"
print loud.double(2)

//= error
// error: circle.hs imports this file: a cycle
//   --> ../lib/circle_back.hs:2:8
//  2 | import "circle.hs"
//    |        ^^^^^^^^^^^
// note: imports_with_effects_and_cycles.hs imports ../lib/circle.hs imports ../lib/circle_back.hs imports ../lib/circle.hs
//
// error: an imported file has no effects: `print`
//   --> ../lib/loud.hs:3:1
//  3 | print double(1)
//    | ^^^^^^^^^^^^^^^
// note: imported here
//   --> imports_with_effects_and_cycles.hs:1:1
// help: leave it to the program
// exit 2
