// by hand: d/dx of x^3, of a record, through a map, a second derivative, stop_gradient, argmax, value_and_grad
print grad(x => x ^ 3)(2.0)
print grad(p => p.a * p.b ^ 2)({ a: 3.0, b: 2.0 })
print grad(w => mean(map([1.0, 2.0, 3.0], x => (w * x) ^ 2)))(1.0)
print grad(grad(x => x ^ 3))(2.0)
print grad(x => x * stop_gradient(x))(5.0)
print grad(x => f32(argmax([x, 1.0])) + x)(3.0)
print value_and_grad(x => x ^ 2)(3.0)
print grad(x => max([x, 2 * x, 3.0]))(4.0)
let d = rows([1.0, 2.0, 3.0])
print grad(w => mean(d, x => (w * x - 1) ^ 2))(0.5)

//= run
// 12
// { a: 4, b: 12 }
// 9.333333
// 12
// 5
// 1
// { value: 9, grad: 6 }
// 2
// 0.6666667
