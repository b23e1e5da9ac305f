// two clusters of six points, five moves; figures: the means by hand
let d = rows([[1.0, 2.0], [1.5, 1.8], [5.0, 8.0], [8.0, 8.0], [1.0, 0.6], [9.0, 11.0]])
fn nearest(c, x) = argmin(sum((c - x) ^ 2, axis: 1))
print iterate([[1.0, 2.0], [5.0, 8.0]], c => mean_by(d, x => nearest(c, x), groups: 2), times: 5)

//= run
// [[1.1666666, 1.4666666], [7.3333335, 9]]
