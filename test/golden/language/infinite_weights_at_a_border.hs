// what lies beyond the border of a gradient adds nothing to the sum behind it, not 0 times an infinite weight; figures: NumPy
let w: f32[1, 3, 3] = [[[inf, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, nan]]]
let z: f32[1, 3, 4] = [[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0]]]
fn taps(x: f32[1, 3, 4]) -> f32[1, 3, 3, 4, 3] = x |> pad([0, 1, 1]) |> window(3, axis: 1) |> window(3, axis: 3)
print grad(x => sum(z * einsum("chkwl,ckl->chw", taps(x), w)))(z)
print grad(x => sum(z * einsum("chkwl,dckl->dhw", taps(x), unsqueeze(w, 0))))(z)
print collect(rows({ x: stack([z, 2 * z]) }) |> map(r => { g: grad(x => sum(z * einsum("chkwl,dckl->dhw", taps(x), unsqueeze(w, 0))))(r.x) })).g[1]

//= run
// [[[inf, inf, inf, 53], [inf, nan, nan, nan], [137, nan, nan, nan]]]
// [[[inf, inf, inf, 53], [inf, nan, nan, nan], [137, nan, nan, nan]]]
// [[[inf, inf, inf, 53], [inf, nan, nan, nan], [137, nan, nan, nan]]]
