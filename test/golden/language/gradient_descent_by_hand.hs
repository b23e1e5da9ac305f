// y = 2 x + 1 from four points; figures: the recurrence in NumPy
let d = rows([1.0, 2.0, 3.0, 4.0])
fn objective(p) = mean(d, x => (p.a * x + p.b - (2 * x + 1)) ^ 2)
print iterate({ a: 0.0, b: 0.0 }, p => {
  let g = grad(objective)(p)
  { a: p.a - 0.0625 * g.a, b: p.b - 0.0625 * g.b }
}, times: 3)

//= run
// { a: 2.0922852, b: 0.72924805 }
