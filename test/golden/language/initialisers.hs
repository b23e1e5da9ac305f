// what an initialiser gives of a shape, and its bounds and spread over many draws
let u = uniform_init(-2, 3)([10_000])
print { low: min(u) > -2, high: max(u) < 3, middle: round(10 * mean(u)) / 10, spread: round(std(u)^2 * 12) }
let x = xavier()([100, 50])
print { within: max(abs(x)) <= 0.2, most: max(abs(x)) > 0.19 }
let h = he()([8, 50, 5, 5])
print { std: round(std(h) * sqrt(1250.0 / 2) * 100) / 100, mean: abs(mean(h)) < 0.001 }
let q = orthogonal()([3, 5])
print round(abs(q @ transpose(q)))
let wide = orthogonal()([5, 3])
print round(abs(transpose(wide) @ wide))
print bilinear()([1, 1, 4, 4])
print zeros_init()([2])
print constant_init(7)([2])
print round(std(normal_init(0.5)([10_000])) * 100) / 100

//= run
// { low: true, high: true, middle: 0.5, spread: 25 }
// { within: true, most: true }
// { std: 1, mean: true }
// [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
// [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
// [[[[0.0625, 0.1875, 0.1875, 0.0625], [0.1875, 0.5625, 0.5625, 0.1875], [0.1875, 0.5625, 0.5625, 0.1875], [0.0625, 0.1875, 0.1875, 0.0625]]]]
// [0, 0]
// [7, 7]
// 0.5
