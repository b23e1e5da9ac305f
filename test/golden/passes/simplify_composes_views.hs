let x = npy("../data/matrix.npy")
print reshape(reshape(x, [2, 6]), [12])[2:10][1:4]

//= after lower
// (graph
//   (fn @0 ((f32 3 4))
//     (%0 reshape x0 (shape (2 6)))
//     (%1 reshape %0 (shape (12)))
//     (%2 slice %1 (size (8)) (start (2)) (step (1)))
//     (%3 slice %2 (size (3)) (start (1)) (step (1)))
//     (results %3)))
//= after simplify
// (graph
//   (fn @0 ((f32 3 4))
//     (%0 reshape x0 (shape (12)))
//     (%1 slice %0 (size (3)) (start (3)) (step (1)))
//     (results %1)))
