// The mean of 50 numbers, and how it is spread, by 1000 samples of them with replacement, and by halves of the rows; figures: NumPy, of the same places
let x = normal([50], seed: 3)
let places = map(range(1000), i => randint(0, 50, [50]))
let means = map(places, p => mean(x[p]))
print { mean: mean(means), std: std(means), low: sort(means)[25], high: sort(means)[974] }
let d = rows({ x: x, place: range(50) })
let same = map(range(1000), i => {
  let half = d |> sample(0.5)
  { mean: mean(half, .x), at: sum(half, r => one_hot(r.place, 50)) }
})
print { least: min(sum(same.at, axis: 1)), most: max(sum(same.at, axis: 1)), mean: mean(same.mean) }
//= run
// { mean: 0.23052058, std: 0.15640776, low: -0.08297749, high: 0.5405843 }
// { least: 13, most: 37, mean: 0.22046663 }
