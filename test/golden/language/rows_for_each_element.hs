// What goes over rows anew for each element of a tensor is written out element by element; by hand
param x = 1.0
let d = rows([1.0, 2.0, 3.0])
print map([1.0, 2.0] * x, t => collect(map(d, y => y * t)))
print map([1.0, 2.0] * x, t => count(filter(d, y => y > t)))
//= run
// [[1, 2, 3], [2, 4, 6]]
// [2, 1]
