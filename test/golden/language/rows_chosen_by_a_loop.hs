// What a filter asks of a row may go over the places of the row, one after the other, and be a net that does.
let d = rows(f32(range(40))) |> map(v => { y: v, x: v * ones([6, 2]) / 64 })
let sums = d |> filter(r => fold(r.x @ [[1.0, 0], [1, 1]], zeros([2]), (s, x) => s / 2 + x)[1] > 1)
print collect(sums).y
model Last(x: f32[6, 2]) -> f32[4] = x |> rnn(4) |> (h => h[-1])
let net = init(Last)
let above = d |> map(r => { r.y, last: sum(net(r.x)) })
print (above |> filter(r => r.last > 0.1) |> count) == sum(collect(above).last > 0.1)
print (above |> filter(r => r.last > 0.1) |> sum(.y)) == sum(where(collect(above).last > 0.1, collect(above).y, 0))

//= run
// [33, 34, 35, 36, 37, 38, 39]
// true
// true
