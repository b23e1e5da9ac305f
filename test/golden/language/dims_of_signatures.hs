// symbols are bound, then checked; dim names are integers in the body; by hand
fn mean_of(x: f32[n]) -> f32 = sum(x) / n
fn same(a: f32[n, m], b: f32[m, n]) = a @ b |> shape
fn first(x: float[..., i]) = x[..., 0]
print mean_of([1.0, 2.0, 6.0])
print same(zeros([2, 3]), zeros([3, 2]))
print first([[1.0, 2.0], [3.0, 4.0]])

//= run
// 3
// [2, 2]
// [1, 3]
