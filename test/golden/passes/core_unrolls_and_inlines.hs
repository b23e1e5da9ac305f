fn twice(f, x) = f(f(x))
param a = 3.0
print map([1, 2], n => twice(x => x * n, a))

//= core
// param a: f32 = 3
// %1 = param a: f32
// %2 = const 1: f32
// %3 = mul(%1, %2): f32
// %4 = const 1: f32
// %5 = mul(%3, %4): f32
// %6 = const 2: f32
// %7 = mul(%1, %6): f32
// %8 = const 2: f32
// %9 = mul(%7, %8): f32
// %10 = stack(%5, %9): f32[2]
// print %10
