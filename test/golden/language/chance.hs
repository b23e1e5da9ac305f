// figures: jax.random (partitionable threefry), normal within an ulp; the key is the seed and the place of the call (normal and bernoulli are made of uniform)
print uniform([3])
print normal([2])
print randint(0, 10, [4])
print bernoulli(0.5, [4])
print uniform([2], seed: 7)
print uniform([2], low: 5, high: 5)

//= run
// [0.65851533, 0.6417887, 0.13699567]
// [-1.1283593, -1.5153509]
// [0, 1, 9, 6]
// [true, false, false, false]
// [0.016768813, 0.3496151]
// [5, 5]
//= run --seed 1
// [0.48764098, 0.13821518, 0.74027574]
// [0.25571212, 0.9943757]
// [8, 9, 2, 2]
// [false, false, true, false]
// [0.016768813, 0.3496151]
// [5, 5]
