// a list that hangs on no row is a column of each beside what kernels draw
let d = rows(range(2)) |> map(r => { r, some: uniform() < 2, w: scan(range(3), "", (s, i) => s + string(i)), l: words("a b") |> map(upper) })
print d

//= run
// r  some  w                   l
// 0  true  ["0", "01", "012"]  ["A", "B"]
// 1  true  ["0", "01", "012"]  ["A", "B"]
