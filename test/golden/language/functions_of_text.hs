// By hand; characters are code points
let sales: rdd { id: i32, user: string, note: string? } = csv("../data/sales.csv")
let notes = sales |> drop_missing |> map(r => { r.id, s: " " + r.note + " é" })
print notes |> map(r => { r.id, up: upper(r.s), cut: trim(r.s), n: length(r.s), part: substring(r.s, 1, 3) })
print notes |> map(r => { gift: contains(r.s, "gift"), t: starts_with(trim(r.s), "t"), any: matches(r.s, "g|w"), with: replace(r.s, "[aeiou]+", "-") })
print notes |> filter(r => lower(trim(r.s)) > "giga") |> map(r => string(r.id) + "/" + string(r.id % 2 == 0))
print notes |> map(r => { i: i32(substring(r.s, 0, 1) + string(r.id)), not: f64(r.s) })
print "1.5 and " + string(1.5) + ", " + upper("straße")
//= run
// id  up              cut             n  part
//  1   TWO, PLEASE É  two, please é  14  two
//  3   GIFT É         gift é          7  gif
//  4   GIFT WRAP É    GIFT wrap é    12  GIF
//  6   GIFT É         gift é          7  gif
//  gift      t   any  with
// false   true  true   tw-, pl-s- é
//  true  false  true   g-ft é
// false  false  true   GIFT wr-p é
//  true  false  true   g-ft é
// 1/false
// i   not
// 1  none
// 3  none
// 4  none
// 6  none
// 1.5 and 1.5, STRAẞE
