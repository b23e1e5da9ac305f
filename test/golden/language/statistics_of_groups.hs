// What reads an aggregate of the group in a function of its records; by NumPy and scikit-learn
let sales: rdd { id: i32, user: string, at: time, price: f64, pieces: i32, note: string? } = csv("../data/sales.csv")
print sales |> group_by(.user, g => { v: var(g, .price), s: std(g, r => r.pieces), q: quantile(g, 0.5, .price), auc: auc(g, .price, r => r.pieces > 1) })
print sales |> group_by(.user, g => { dear: g |> filter(r => r.price > mean(g, .price)) |> count, share: max(g, r => r.price / sum(g, .price)) })
print sales |> group_by(r => r.pieces > 2, g => { m: moments(g, .price), rmse: rmse(g, .price, r => f64(r.pieces)), f1: f1(g, r => r.price > 2, r => r.pieces > 3) })
print sales |> map(r => { r.user, r.price }) |> group_by(.user, g => describe(g))
print sales |> group_by(.user, g => { less: map(g, r => count(g |> filter(q => q.price < r.price))) })
//= run
// user          v        s    q  auc
// ann    0.541667  1.24722  2.5    0
// bob   22.5625    3.5      0.5    0
// cid    0         0        7    nan
// user  dear     share
// ann      2  0.444444
// bob      1  0.952381
// cid      0  1
//   key   m.mean    m.std     rmse   f1
// false  4.75     3.78043  5.34049  0
//  true  3.33333  2.71825  4.98331  0.5
// user  price.mean  price.std  price.min  price.max
// ann         2.25    0.73598       1.25          3
// bob         5.25    4.75          0.5          10
// cid         7       0             7             7
// user  less
// ann   [1, 0, 2]
// bob   [1, 0]
// cid   [0]
