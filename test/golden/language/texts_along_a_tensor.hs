// Texts that map, fold, scan and iterate make: stacked as numbers are; in a row they are a list
let sales = csv("../data/sales.csv")
let table = collect(sales)
print map(range(3), i => "file " + string(i * i))
print map(table.pieces, n => { left: 8 - n, shown: string(n) + " of 8", digits: length(string(10 * n)) })
print map(table.user, s => upper(s))
print map(range(6), i => { by: table.user[i], at: if table.price[i] > 2 then "dear" else "cheap" })
print fold(table.user, "", (s, u) => if contains(s, u) then s else s + u + " ")
print scan(table.pieces, { said: "", sum: 0 }, (s, n) => { said: s.said + string(s.sum) + ";", sum: s.sum + i32(n) })
print iterate("a", s => s + s, times: 40, until: (old, new) => length(new) > 9)
print fold(range(0), "nothing", (s, i) => s + string(i))
print fold(range(2), 0, (s, i) => s + length(string(i)))
print sales |> take(2) |> map(r => {
  all: map(range(3), i => r.user + string(i)),
  long: map([r.pieces, 100], n => length(string(n))),
  joined: fold([r.pieces, 7], r.user, (s, n) => s + "," + string(n)),
  so_far: scan([r.pieces, 7], r.user, (s, n) => s + "," + string(n)),
  marks: iterate(r.user, s => s + "!", times: 2) })
print sales |> take(2) |> map(r => { pairs: map(range(2), i => map(range(2), j => string(2 * i + j) + r.user)), both: map([r.price, 2.0], x => { words: words(r.user + " " + string(x)), x }) })
print iterate({ t: "", x: 1.0 }, s => { t: s.t + string(s.x), x: s.x + sum(f32(map(table.user, u => length(u + s.t)))) }, times: 2)
print reduce(sales |> map(.user), (a, b) => a + "," + b)
print reduce(sales |> map(r => { r.user, r.pieces }), (a, b) => { user: if a.user > b.user then a.user else b.user, pieces: a.pieces + b.pieces })
let names = ["low", "middle", "high"]
let best = argmax(table.pieces[0:3])
print [names[best], names[argmax(table.price[0:3])]]
//= run
// ["file 0", "file 1", "file 4"]
// { left: [4, 7, 6, 5, 0, 7], shown: ["4 of 8", "1 of 8", "2 of 8", "3 of 8", "8 of 8", "1 of 8"], digits: [2, 2, 2, 2, 2, 2] }
// ["ANN", "BOB", "ANN", "CID", "BOB", "ANN"]
// { by: ["ann", "bob", "ann", "cid", "bob", "ann"], at: ["dear", "dear", "cheap", "dear", "cheap", "dear"] }
// ann bob cid
// { said: ["0;", "0;4;", "0;4;5;", "0;4;5;7;", "0;4;5;7;10;", "0;4;5;7;10;18;"], sum: [4, 5, 7, 10, 18, 19] }
// aaaaaaaaaaaaaaaa
// nothing
// 2
// all                       long    joined   so_far                marks
// ["ann0", "ann1", "ann2"]  [1, 3]  ann,4,7  ["ann,4", "ann,4,7"]  ann!!
// ["bob0", "bob1", "bob2"]  [1, 3]  bob,1,7  ["bob,1", "bob,1,7"]  bob!!
// pairs                                 both.words                      both.x
// [["0ann", "1ann"], ["2ann", "3ann"]]  [["ann", "2.5"], ["ann", "2"]]  [2.5, 2]
// [["0bob", "1bob"], ["2bob", "3bob"]]  [["bob", "10"], ["bob", "2"]]   [10, 2]
// { t: "119", x: 43 }
// ann,bob,ann,cid,bob,ann
// { user: "cid", pieces: 19 }
// ["low", "middle"]
