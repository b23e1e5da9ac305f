// Functions of the records of a group draw once for each record: how many groups there are is one number
let d = rows(f32(range(60))) |> map(i => { k: i32(i) % 3, x: i / 60 })
print collect(d |> group_by(.k, g => { sum: g |> map(r => floor(10 * uniform())) |> sum, n: count(g) }))

//= run
// { k: [0, 1, 2], sum: [80, 98, 78], n: [20, 20, 20] }
