// rows is the way back of collect; casts of strings to what computes as another type; lists known when compiling; by hand
let sales: rdd { id: i32, user: string, at: time, price: f64, pieces: i32, note: string? } = csv("../data/sales.csv")
let c = collect(sales |> map(r => { r.id, r.user, r.price }))
print rows(c) |> filter(r => r.user == "ann")
print sales |> map(r => { a: u8(string(r.pieces * 100)), b: u8("x" + r.user) }) |> take(2)
print max(["b", "aa", "c"])
print sum([{ a: 1, b: 0.5 }, { a: 2, b: 1.5 }])
print any(["a", "b"], x => x == "b")
print min([{ k: 3 }, { k: 2 }], .k)
//= run
// id  user  price
//  1  ann    2.5
//  3  ann    1.25
//  6  ann    3
//    a     b
// none  none
//  100  none
// c
// { a: 3, b: 2 }
// true
// 2
