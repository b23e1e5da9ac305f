param limit = 1.0
let d = rows([3.0, 1.0, 2.0]) |> map(x => { x: x, twice: 2 * x })
let kept = collect(d |> filter(r => r.x > limit))
print kept
print kept.x + ones([2])
print nothing = collect(d |> filter(r => r.x > 3 * limit))
let m = i32(max(kept.x)) - 1
print take(d, m)
print rows(kept.twice) |> filter(x => x > 4) |> collect

//= run
// { x: [3, 2], twice: [6, 4] }
// [4, 3]
// nothing = { x: [], twice: [] }
// x  twice
// 3      6
// 1      2
// [6]
