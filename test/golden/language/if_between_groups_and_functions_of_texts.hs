// what only the run decides: the records of a group or some of them, and a function of the texts in rows
let d = rows(range(6)) |> map(i => { i: i, key: i % 2, text: "Row " + string(i) })
let some = count(d) > 3
print d |> group_by(.key, g => { sum: (if sum(g, .i) > 6 then g |> filter(r => r.i > 1) else g) |> sum(.i) })
let f = if some then upper else lower
print d |> take(2) |> map(r => { r.i, text: f(r.text) })
print upper(if count(rows([1, 2])) > 1 then "a" else "b")

//= run
// key  sum
//   0    6
//   1    8
// i  text
// 0  ROW 0
// 1  ROW 1
// A
