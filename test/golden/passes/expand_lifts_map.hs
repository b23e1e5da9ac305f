let x = npy("../data/matrix.npy")
print map(x, r => sum(r * r))

//= after segment
// (graph
//   (fn @0 ((f32 4))
//     (%0 mul x0 x0)
//     (%1 reduce %0 (axes (0)) (op "add"))
//     (results %1))
//   (fn @1 ((f32 3 4))
//     (%0 map x0 (fn @0) (mapped (true)))
//     (%1 get %0 (i 0))
//     (results %1)))
//= after expand
// (graph
//   (fn @0 ((f32 3 4))
//     (%0 mul x0 x0)
//     (%1 reduce %0 (axes (1)) (op "add"))
//     (results %1)))
