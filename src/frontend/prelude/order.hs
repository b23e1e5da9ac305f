// Orders along an axis, by counting who comes before: NaN comes last, ties keep their places, and gradients go to the elements.

fn ordinal(axis, x) = if axis < 0 then axis + size(shape(x)) else axis
// int[n] as the axis `a` of a tensor with the axes of x
fn along(ids, x, a) = reshape(ids, concat([shape(ids), shape(x)[a + 1:] * 0 + 1]))

// how many elements come before each
fn ranks(x, axis) = {
  let a = ordinal(axis, x)
  let own = unsqueeze(x, a + 1)
  let other = unsqueeze(x, a)
  let ids = range(shape(x)[a])
  let earlier = unsqueeze(along(ids, x, a), -1) > along(ids, x, a)
  let less = other < own or (isnan(own) and not isnan(other))
  let same = other == own or (isnan(own) and isnan(other))
  sum(i32(less or (same and earlier)), axis: a + 1)
}
// the elements of v in the order of their ranks; the first n of them
fn by_rank(v, ranks, a, n) = sum(where(unsqueeze(ranks, a) == unsqueeze(along(range(n), v, a), -1), unsqueeze(v, a), 0), axis: a + 1)

fn sort(x, axis = -1) = by_rank(x, ranks(x, axis), ordinal(axis, x), shape(x)[axis])
fn argsort(x, axis = -1) = {
  let a = ordinal(axis, x)
  by_rank(expand(along(range(shape(x)[a]), x, a), shape(x)), ranks(x, axis), a, shape(x)[a])
}
fn top_k(x, k) = {
  let a = size(shape(x)) - 1
  let r = ranks(-x, a)
  { values: by_rank(x, r, a, k), indices: by_rank(expand(range(shape(x)[a]), shape(x)), r, a, k) }
}
// numbers 0 to n - 1 in the order of draws
fn permutation(n, seed = none) = argsort(uniform([n], 0, 1, seed))
