let x = npy("../data/matrix.npy")
print transpose(transpose(x * 1 + 0))

//= after lower
// (graph
//   (fn @0 ((f32 3 4))
//     (%0 full (elem "f32") (shape ()) (value 1))
//     (%1 broadcast %0 (axes ()) (shape (3 4)))
//     (%2 mul x0 %1)
//     (%3 full (elem "f32") (shape ()) (value 0))
//     (%4 broadcast %3 (axes ()) (shape (3 4)))
//     (%5 add %2 %4)
//     (%6 transpose %5 (axes (1 0)))
//     (%7 transpose %6 (axes (1 0)))
//     (results %7)))
//= after simplify
// (graph
//   (fn @0 ((f32 3 4))
//     (%0 full (elem "f32") (shape (3 4)) (value 0))
//     (%1 add x0 %0)
//     (results %1)))
