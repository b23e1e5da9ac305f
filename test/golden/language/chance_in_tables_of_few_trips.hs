// What chance gives the tables of an element hangs on its number: the figures of chance_in_tables_of_many_trips.hs
let xs = [0.0, 1.0, 2.0]
let d = rows(f32(range(20))) |> map(x => { x: x, g: i32(x) % 7 })
fn parted(i) = split(d, { a: 0.5, b: 0.5 }, by: r => r.g).a |> sum(.x)
fn seeded(i) = split(d, { a: 0.5, b: 0.5 }, by: r => r.g, seed: i32(i)).a |> sum(.x)
fn sampled(i) = d |> sample(0.5) |> group_by(.g, q => { m: max(q, .x) }) |> sum(.m)
fn grouped(i) = d |> group_by(.g, q => { m: q |> sample(0.5) |> sum(.x) }) |> sum(.m)
print map(xs, parted)[0:3]
print map(xs, seeded)[0:3]
print map(xs, sampled)[0:3]
print map(xs, grouped)[0:3]
//= run
// [135, 166, 90]
// [97, 108, 79]
// [91, 73, 84]
// [57, 93, 88]
