// map(f) per slice; the map of a gradient; by hand
let xs = npy("../data/matrix.npy")
print map(xs, r => max(r) - min(r))
print map(xs, r => grad(w => sum(w * w))(r))[0]
print map(xs[:, 0], x => { a: x, b: x * 2 }).b

//= run
// [3, 3, 3]
// [2, 4, 6, 8]
// [2, 10, 18]
