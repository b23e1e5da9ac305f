// figures: the row function of language.md 4, written in Python
let d = rows(range(10))
print d |> shuffle |> take(10) |> collect
print d |> shuffle(seed: 7) |> take(10) |> collect
print d |> sample(0.5) |> count
print d |> shuffle |> filter(x => x > 4) |> map(x => x * 10) |> take(5) |> collect

//= run
// [8, 9, 6, 5, 4, 2, 1, 3, 7, 0]
// [8, 7, 2, 0, 9, 5, 4, 1, 6, 3]
// 4
// [60, 70, 50, 90, 80]
//= run --seed 1
// [4, 8, 3, 7, 9, 2, 0, 1, 5, 6]
// [8, 7, 2, 0, 9, 5, 4, 1, 6, 3]
// 5
// [60, 80, 70, 90, 50]
