// ?? takes what follows where a value is missing; by hand
let a: f32? = none
print a ?? 1.0
print a == none
print (a ?? 2.0) + 1

//= run
// 1
// true
// 3
