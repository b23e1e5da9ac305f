// The texts that collect gives go where a list of texts goes; a list outside of rows is shown as in a row
let sales = csv("../data/sales.csv")
let users = collect(sales).user
print users + "!"
print [sort_by(users, s => s)[0], sort_by(users, s => s, descending: true)[0], max_by(users, s => s + "z")]
print filter(users, s => s != "ann")
print { distinct: distinct(users), count: length(users), longest: users[1:3] }
print rows(users) |> map(s => { s, initial: upper(substring(s, 0, 1)) }) |> distinct
print sales |> take(3) |> map(r => { r.id, same: filter(users, s => s == r.user) |> map(length) |> sum })
let said = words(first(sales |> map(r => r.user + " bought " + string(r.pieces))))
print said
print map(said, w => { w: w, size: [length(w), 0], factors: [1.0, 2.0] })
print map(said, w => 2 * length(w) + 1)
print rows(said) |> map(w => w + ".")
//= run
// ["ann!", "bob!", "ann!", "cid!", "bob!", "ann!"]
// ["ann", "cid", "cid"]
// ["bob", "cid", "bob"]
// { distinct: ["ann", "bob", "cid"], count: 6, longest: ["bob", "ann"] }
// s    initial
// ann  A
// bob  B
// cid  C
// id  same
//  1     9
//  2     6
//  3     9
// ["ann", "bought", "4"]
// [{ w: "ann", size: [3, 0], factors: [1, 2] }, { w: "bought", size: [6, 0], factors: [1, 2] }, { w: "4", size: [1, 0], factors: [1, 2] }]
// [7, 13, 3]
// ann.
// bought.
// 4.
