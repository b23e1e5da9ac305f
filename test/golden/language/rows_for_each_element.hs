// What goes over rows anew for each element of a tensor: a loop over the elements, for any number of them; by hand
param x = 1.0
let d = rows([1.0, 2.0, 3.0])
print map([1.0, 2.0] * x, t => collect(map(d, y => y * t)))
print map([1.0, 2.0] * x, t => count(filter(d, y => y > t)))
let many = f32(range(100)) * x
print map(many, t => { n: count(filter(d, y => y * 40 > t)), rest: d |> filter(y => y * 40 > t) |> sum }).n |> sum
print map(many[0:0], t => collect(map(d, y => y * t)))
print map(many[0:2], a => map(many[0:3], b => d |> filter(y => y > a + b) |> take(1) |> sum))
print grad(w => map(many[0:3], t => d |> filter(y => y > t) |> sum(y => (w * y)^2)) |> sum)(1.0)
//= run
// [[1, 2, 3], [2, 4, 6]]
// [2, 1]
// 220
// []
// [[1, 2, 3], [2, 3, 0]]
// 72
