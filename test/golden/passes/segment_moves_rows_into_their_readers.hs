let d = npy("../data/matrix.npy") |> rows
print d |> map(x => x * 2) |> take(2) |> sum(x => sum(x))

//= after simplify
// (graph
//   (fn @0 ((f32 4))
//     (%0 reduce x0 (axes (0)) (op "add"))
//     (results %0))
//   (fn @1 ((f32 4))
//     (%0 full (elem "f32") (shape (4)) (value 2))
//     (%1 mul x0 %0)
//     (results %1))
//   (fn @2 ((f32 3 4))
//     (%0 rdd.rows x0 (columns ("")))
//     (%1 rdd.map %0 (columns ("")) (fn @1) (identity false))
//     (%2 rdd.take %1 (count 2))
//     (%3 aggregate %2 (fn @0) (identity false) (op "add"))
//     (results %3)))
//= after segment
// (graph
//   (fn @0 ((f32 4))
//     (%0 full (elem "f32") (shape (4)) (value 2))
//     (%1 mul x0 %0)
//     (%2 reduce %1 (axes (0)) (op "add"))
//     (results %2))
//   (fn @1 ((f32 3 4))
//     (%0 rdd.rows x0 (columns ("")))
//     (%1 rdd.take %0 (count 2))
//     (%2 aggregate %1 (fn @0) (identity false) (op "add"))
//     (results %2)))
