let x = npy("../data/matrix.npy")
print grad(w => sum(w * w * w))(x)

//= after segment
// (graph
//   (fn @0 ((f32 3 4))
//     (%0 mul x0 x0)
//     (%1 mul %0 x0)
//     (%2 reduce %1 (axes (0 1)) (op "add"))
//     (results %2))
//   (fn @1 ((f32 3 4))
//     (%0 grad x0 (fn @0) (wrt (0)))
//     (%1 get %0 (i 1))
//     (results %1)))
//= after expand
// (graph
//   (fn @0 ((f32 3 4))
//     (%0 full (elem "f32") (shape ()) (value 1))
//     (%1 broadcast %0 (axes ()) (shape (3 4)))
//     (%2 mul x0 x0)
//     (%3 add %2 %2)
//     (%4 add %3 %2)
//     (%5 mul %1 %4)
//     (results %5)))
