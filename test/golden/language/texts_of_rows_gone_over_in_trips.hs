// a text of rows that an engine makes anew in each trip is of the number that stands there without the text
let d = rows(range(4)) |> map(x => { x, t: string(10 ^ x) })
print map(range(3), i => d |> map(r => length(r.t + string(i * 50)) * r.x) |> sum)
print map(range(3), i => string(d |> map(r => length(r.t + string(i * 50)) * r.x) |> sum) + "!")
print map(range(3), i => "max " + string(d |> group_by(r => r.x % 2, g => { n: sum(g, .x) * i }) |> max(.n)))
let names = collect(d).t
print d |> map(r => { r.x, all: map(names, s => s) }) |> map(r => { longer: count(r.all |> filter(s => length(s) > r.x + 1)) })

//= run
// [26, 32, 38]
// ["26!", "32!", "38!"]
// ["max 0", "max 4", "max 8"]
// longer
//      3
//      2
//      1
//      0
