// figures: by hand; log(2), log(1 + e) - 1 = 0.31326169 within two units of the last place
print cross_entropy([0.0, 0.0], 1)
print cross_entropy([[0.0, 1.0], [0.0, 1.0]], [1, 0])
print mse([1.0, 2.0], [3.0, 2.0])
print mae([1.0, 2.0], [3.0, 2.0])
print binary_cross_entropy(0.0, 1.0)
print huber([0.0, 0.0], [0.5, 3.0])
print hinge(0.25, 1.0)
print l2([3.0, 4.0])
print nll([-1.0, -2.0], 1)
print softmax([0.0, 0.0])
print log_softmax([0.0, 0.0])[0]

//= run
// 0.6931472
// [0.31326163, 1.3132616]
// 2
// 1
// 0.6931472
// 1.3125
// 0.75
// 25
// 2
// [0.5, 0.5]
// -0.6931472
