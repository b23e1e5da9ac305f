// A sequence of any length in a row: made of a text or a literal, mapped, filtered, reduced, a row per element; by hand
let sales: rdd { id: i32, note: string? } = csv("../data/sales.csv")
let notes = sales |> map(r => { r.id, words: words(lower(r.note ?? "")) })
print notes |> map(r => { r.id, n: length(r.words), long: r.words |> filter(w => length(w) > 4) |> count }) |> take(4)
print notes |> flat_map(r => r.words |> map(w => { r.id, w }))
print sales |> flat_map(r => [r.id, 10 * r.id]) |> filter(x => x % 4 == 0)
print text("../data/users.csv") |> flat_map(words) |> count
print notes |> flat_map(r => skip_grams(r.words, window: 1))
print notes |> map(r => pad_to(r.words |> map(w => length(w)), 3, value: 0 - 1)) |> take(2)
//= run
// id  n  long
//  1  2     1
//  2  0     0
//  3  1     0
//  4  2     0
// id  w
//  1  two,
//  1  please
//  3  gift
//  4  gift
//  4  wrap
//  6  gift
// 20
//  4
// 40
// 60
// 4
// center  context
// two,    please
// please  two,
// gift    wrap
// wrap    gift
// [4, 6, -1]
// [-1, -1, -1]
