// A number that only the data tell, where one is wanted: the program goes on when it is known; by hand
let sales: rdd { id: i32, user: string, at: time, price: f64, pieces: i32, note: string? } = csv("../data/sales.csv")
let n = count(sales |> filter(r => r.pieces > 2))
print sales |> map(.price) |> batch(n)
print sales |> map(r => { r.id, r.price }) |> window(n, stride: n)
print sales |> sort_by(.price) |> take(n) |> map(.id)
print sales |> map(r => pad_to(map(words(r.note ?? ""), w => length(w)), n)) |> take(1)
let users = sales |> vocab(.user)
print sales |> map(r => { r.id, v: one_hot(users.index(r.user), users.size) }) |> sort_by(.id, descending: true) |> take(2)
print iterate(1.0, x => x * 2, times: n)
print concat(reshape(range(n * 4), [n, 2, 2]), axis: 1)
//= run
// [2.5, 10, 1.25]
// [7, 0.5, 3]
// id         price
// [1, 2, 3]  [2.5, 10, 1.25]
// [4, 5, 6]  [7, 0.5, 3]
// 5
// 3
// 1
// [4, 6, 0]
// id  v
//  6  [0, 1, 0, 0]
//  5  [0, 0, 1, 0]
// 8
// [[0, 1, 4, 5, 8, 9], [2, 3, 6, 7, 10, 11]]
