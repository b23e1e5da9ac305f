// The first row of each key; a's rows, then b's; by hand
let sales: rdd { id: i32, user: string, note: string? } = csv("../data/sales.csv")
print sales |> distinct(by: .user)
print sales |> map(r => { r.user, noted: r.note != none }) |> distinct
print sales |> count_distinct(.note)
let more = union(sales |> map(r => { r.id, who: r.user }), sales |> filter(r => r.id < 3) |> map(r => { who: upper(r.user), id: 10 + r.id }))
print more |> zip_index
//= run
// id  user  note
//  1  ann   two, please
//  2  bob   none
//  4  cid   GIFT wrap
// user  noted
// ann    true
// bob   false
// cid    true
// 3
// id  who  index
//  1  ann      0
//  2  bob      1
//  3  ann      2
//  4  cid      3
//  5  bob      4
//  6  ann      5
// 11  ANN      6
// 12  BOB      7
