let a = [1, 2] + [1, 2, 3]
let b = "x" * 2
let c = if 1 then 2 else 3
print a
print b
print c

//= error
// error: shapes differ in `+`: i32[2] and i32[3]
//   --> several_at_once.hs:1:9
//  1 | let a = [1, 2] + [1, 2, 3]
//    |         ^^^^^^^^^^^^^^^^^^ axis 0: 2 and 3
//
// error: `*` needs numbers, this is a string
//   --> several_at_once.hs:2:9
//  2 | let b = "x" * 2
//    |         ^^^
//
// error: `if` needs a bool, this is i32
//   --> several_at_once.hs:3:12
//  3 | let c = if 1 then 2 else 3
//    |            ^
// help: 1 != 0
// exit 2
