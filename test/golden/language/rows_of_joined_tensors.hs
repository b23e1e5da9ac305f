// rows of tensors that were joined: their numbers lie among what they are read from, and a GPU shows no bytes twice
let t = rows(f32(range(20)) / 4) |> map(x => { x: x, y: i64(x) }) |> filter(r => r.x > 1) |> collect
let both = { a: concat([t.x, [0.5, 0.25]]), b: concat([t.x * 2, [1, 2]]), y: concat([t.y, i64([7, 8])]) }
let top = rows(both) |> map(r => { x: [r.a, r.b], r.y })
print top |> auc(r => r.x[0] - r.x[1], r => r.y % 2 == 1)
print top |> sum(r => sum(r.x) * f32(r.y))

//= run
// 0.7152777777777778
// 430.5
