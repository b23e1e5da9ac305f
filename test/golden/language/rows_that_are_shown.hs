// A table is shown by its first 10 rows, or by as many as a take that stands last says; all digits before the point of a number are.
let d = rows(range(30)) |> map(i => { i: i, seconds: 1_700_000_000.25 + f64(i) / 4 })
print count(d)
print d |> filter(r => r.i % 2 == 0)
print d |> filter(r => r.i % 2 == 0) |> take(12)
let sales = csv("../data/sales.csv") |> sort_by(.price)
print sales |> take(20)

//= run
// 30
//  i     seconds
//  0  1700000000
//  2  1700000001
//  4  1700000001
//  6  1700000002
//  8  1700000002
// 10  1700000003
// 12  1700000003
// 14  1700000004
// 16  1700000004
// 18  1700000005
//  i     seconds
//  0  1700000000
//  2  1700000001
//  4  1700000001
//  6  1700000002
//  8  1700000002
// 10  1700000003
// 12  1700000003
// 14  1700000004
// 16  1700000004
// 18  1700000005
// 20  1700000005
// 22  1700000006
// id  user  at                   price  pieces  note
//  5  bob   2025-03-09 00:00:00   0.5        8  none
//  3  ann   2024-12-31 23:59:59   1.25       2  gift
//  1  ann   2025-01-03 10:00:00   2.5        4  two, please
//  6  ann   2025-03-09 00:00:00   3          1  gift
//  4  cid   2025-02-01 00:00:00   7          3  GIFT wrap
//  2  bob   2025-01-04 00:00:00  10          1  none
