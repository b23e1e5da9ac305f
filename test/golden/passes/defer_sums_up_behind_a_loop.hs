// a sum that nobody reads on its way is one product over all trips: nothing is left of this loop
let x = reshape(range(20) |> f32, [5, 4])
print gram = fold(x, zeros([4, 4]), (s, r) => s + reshape(r, [4, 1]) @ reshape(r, [1, 4]))

//= run
// gram =
// [[480, 520, 560, 600],
//  [520, 565, 610, 655],
//  [560, 610, 660, 710],
//  [600, 655, 710, 765]]
//= after defer
// (graph
//   (fn @0 ()
//     (%0 iota (axis 0) (elem "i32") (shape (20)))
//     (%1 cast %0 (elem "f32"))
//     (%2 reshape %1 (shape (5 4 1)))
//     (%3 reshape %1 (shape (5 1 4)))
//     (%4 contract %2 %3 (spec "nik,nkj->ij"))
//     (results %4)))
