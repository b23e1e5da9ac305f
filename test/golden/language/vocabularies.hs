// Numbers for strings by falling count, ties by text; 0 is what is unknown, too rare or missing; by hand
let sales: rdd { id: i32, user: string, note: string? } = csv("../data/sales.csv")
let users = sales |> vocab(.user)
print { users.size, ann: users.index("ann"), eve: users.index("eve"), last: users.value(users.size - 1) }
print users.counts
let notes = sales |> vocab(.note, min_count: 2)
print sales |> map(r => { r.id, user: users.index(r.user), note: notes.index(r.note) })
print notes.counts
print sales |> sum_by(r => users.index(r.user), groups: users.size, value: .id)
let few = sales |> flat_map(r => words(lower(r.note ?? ""))) |> vocab(max: 3)
print rows(range(few.size)) |> map(i => { term: few.value(i), n: few.counts[i] })
//= run
// { size: 4, ann: 1, eve: 0, last: "cid" }
// [0, 3, 2, 1]
// id  user  note
//  1     1     0
//  2     2     0
//  3     1     1
//  4     3     0
//  5     2     0
//  6     1     1
// [4, 2]
// [0, 10, 7, 4]
// term    n
//         2
// gift    3
// please  1
