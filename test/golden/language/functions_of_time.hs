// UTC, microseconds; Monday is 0; by hand
let sales: rdd { id: i32, at: time } = csv("../data/sales.csv")
print sales |> map(r => { r.at, y: year(r.at), m: month(r.at), d: day(r.at), w: weekday(r.at), h: hour(r.at), on: date(r.at) }) |> take(3)
print sales |> map(r => format_time(r.at, "%d.%m.%y %H:%M")) |> take(2)
let parsed = parse_time("2025-01-04 06:00:00", "%Y-%m-%d %H:%M:%S")
print sales |> filter(r => r.at > (parsed ?? r.at)) |> map(.id)
print (seconds(sales |> max(.at)) - seconds(sales |> min(.at))) / 86400
print parse_time("yesterday", "%Y-%m-%d")
//= run
// at                      y   m   d  w   h  on
// 2025-01-03 10:00:00  2025   1   3  4  10  2025-01-03 00:00:00
// 2025-01-04 00:00:00  2025   1   4  5   0  2025-01-04 00:00:00
// 2024-12-31 23:59:59  2024  12  31  1  23  2024-12-31 00:00:00
// 03.01.25 10:00
// 04.01.25 00:00
// 4
// 5
// 6
// 67.00001157407408
// none
