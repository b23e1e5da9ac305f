// a branch that hangs on a param is taken when compiling
param big = true
print if big then 3.0 else 7.0

//= run
// 3
//= run --set big=true
// 3
//= run --set big=false
// 7
