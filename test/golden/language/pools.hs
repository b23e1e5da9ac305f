// figures: NumPy; `ceil` drops a window that would start in the padding, as Caffe
let x = npy("../data/image.npy")
print max_pool(x, 2)[0]
print max_pool(x, 3, stride: 2)[1]
print avg_pool(x, 2)[0]
print global_avg_pool(x)
print max_pool(x, 2, ceil: true)[0] |> shape

//= run
// [[7, 7, -2], [5, 5, -1], [6, 0, 7]]
// [[7, 7, 7], [6, 7, 5]]
// [[0.25, 3, -5], [0.75, 1.75, -4.75], [-1.75, -3.25, -2.75]]
// [-0.61904764, -0.3809524]
// [3, 4]
