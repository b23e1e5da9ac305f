// language 7: count 0, sum 0, mean NaN
let d = rows([1.0, 2.0]) |> filter(x => x > 5)
print count(d)
print sum(d)
print mean(d)

//= run
// 0
// 0
// nan
