let t = parse_time("2025-01-01", "%Y-%m-%d")
print 1 + true
print "a" + 1
print "a" * 2
print not 1
print 1 and true
print if 1 then 2 else 3
print "a" < 1
print if rows([1.0]) |> any(x => x > 0) then "a" else 1
print [1, 2] == "a"
print i32("3") + 1
print t == "2025-01-01"
print (t ?? t) + 1
print min([true, false])
print sqrt(true)

//= error
// error: `+` needs numbers, this is bool
//   --> type_mixes.hs:2:11
//  2 | print 1 + true
//    |           ^^^^
// help: a bool is no number: i32(true)
//
// error: `+` joins strings, this is i32
//   --> type_mixes.hs:3:13
//  3 | print "a" + 1
//    |             ^
// help: string(1)
//
// error: `*` needs numbers, this is a string
//   --> type_mixes.hs:4:7
//  4 | print "a" * 2
//    |       ^^^
//
// error: `not` needs a bool, this is i32
//   --> type_mixes.hs:5:11
//  5 | print not 1
//    |           ^
// help: 1 != 0
//
// error: `and` needs a bool, this is i32
//   --> type_mixes.hs:6:7
//  6 | print 1 and true
//    |       ^
// help: 1 != 0
//
// error: `if` needs a bool, this is i32
//   --> type_mixes.hs:7:10
//  7 | print if 1 then 2 else 3
//    |          ^
// help: 1 != 0
//
// error: `<` compares a string with i32: both need one type
//   --> type_mixes.hs:8:7
//  8 | print "a" < 1
//    |       ^^^^^^^
// help: string(1)
//
// error: the branches of `if` differ: a string and i32
//   --> type_mixes.hs:9:7
//  9 | print if rows([1.0]) |> any(x => x > 0) then "a" else 1
//    |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: a condition that is known only when the program runs needs two branches of one type
//
// error: `==` compares i32[2] with a string: both need one type
//   --> type_mixes.hs:10:7
// 10 | print [1, 2] == "a"
//    |       ^^^^^^^^^^^^^
//
// error: i32("3") may be missing (i32?), and `+` needs a number
//   --> type_mixes.hs:11:7
// 11 | print i32("3") + 1
//    |       ^^^^^^^^
// help: (i32("3") ?? 0) + 1
//
// error: t may be missing (time?), and `==` needs a time
//   --> type_mixes.hs:12:7
// 12 | print t == "2025-01-01"
//    |       ^
//
// error: (t ?? t) may be missing (time?), and `+` needs a time
//   --> type_mixes.hs:13:7
// 13 | print (t ?? t) + 1
//    |       ^^^^^^^^
//
// error: min: a bool is no number
//   --> type_mixes.hs:14:11
// 14 | print min([true, false])
//    |           ^^^^^^^^^^^^^
// help: any(x), all(x), or i32(x)
//
// error: sqrt needs numbers, this is bool
//   --> type_mixes.hs:15:12
// 15 | print sqrt(true)
//    |            ^^^^
// help: a bool is no number: i32(true)
// exit 2
