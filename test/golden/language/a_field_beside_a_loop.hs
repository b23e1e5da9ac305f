// What a row hands on beside a value that is made in a loop: its own, not that of the last 16 rows.
let d = rows(f32(range(40))) |> map(v => { y: v, x: v * ones([14, 4]) }) |> filter(r => r.y > 3)
model Last(x: f32[14, 4]) -> f32[24] = {
  let h = x |> gru(24)
  h[-1]
}
let net = init(Last)
let both = d |> map(r => { r.y, last: net(r.x) }) |> collect
print both.y[0:20]
print all(abs(both.last) <= 1)

//= run
// [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]
// true
