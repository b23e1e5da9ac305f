let x = [3.0, 1.0, 2.0]
print sort(x)
print argsort(x)
print top_k(x, 2)
print permutation(3)
print cumsum(x)

//= error
// limit: `sort` is not built yet
//   --> order_in_tensors.hs:2:7
//  2 | print sort(x)
//    |       ^^^^^^^
// help: argmax(x) and max(x) give the first of the order
//
// limit: `argsort` is not built yet
//   --> order_in_tensors.hs:3:7
//  3 | print argsort(x)
//    |       ^^^^^^^^^^
// help: argmax(x) and max(x) give the first of the order
//
// limit: `top_k` is not built yet
//   --> order_in_tensors.hs:4:7
//  4 | print top_k(x, 2)
//    |       ^^^^^^^^^^^
// help: argmax(x) and max(x) give the first of the order
//
// limit: `permutation` is not built yet
//   --> order_in_tensors.hs:5:7
//  5 | print permutation(3)
//    |       ^^^^^^^^^^^^^^
// help: shuffle(d) of an rdd
// exit 2
