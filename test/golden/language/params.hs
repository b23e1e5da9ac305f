param lr = 0.5        // help
param n = 2
param name = "a"
print lr * 2
print zeros([n])
print if name == "a" then 1 else 2

//= run
// 1
// [0, 0]
// 1
//= run --set lr=0.25 --set n=3 --set name=b
// 0.5
// [0, 0, 0]
// 2
//= error --set rl=1
// error: --set rl: the program has no param `rl`
// note: params: lr, n, name
// help: did you mean `lr`?
// exit 2
//= error --set n=x
// error: --set n=x: `n` is i32
//   --> params.hs:2:1
//  2 | param n = 2
//    | ^^^^^^^^^^^
// exit 2
