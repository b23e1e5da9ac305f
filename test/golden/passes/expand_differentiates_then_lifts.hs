// the gradient per row: grad inside map
let x = npy("../data/matrix.npy")
print map(x, r => grad(w => sum(w * w))(r))

//= after segment
// (graph
//   (fn @0 ((f32 4))
//     (%0 mul x0 x0)
//     (%1 reduce %0 (axes (0)) (op "add"))
//     (results %1))
//   (fn @1 ((f32 4))
//     (%0 grad x0 (fn @0) (wrt (0)))
//     (%1 get %0 (i 1))
//     (results %1))
//   (fn @2 ((f32 3 4))
//     (%0 map x0 (fn @1) (mapped (true)))
//     (%1 get %0 (i 0))
//     (results %1)))
//= after expand
// (graph
//   (fn @0 ((f32 3 4))
//     (%0 full (elem "f32") (shape ()) (value 1))
//     (%1 broadcast %0 (axes ()) (shape (4)))
//     (%2 broadcast %1 (axes (1)) (shape (3 4)))
//     (%3 mul %2 x0)
//     (%4 add %3 %3)
//     (results %4)))
