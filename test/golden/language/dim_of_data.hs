let d = rows([1.0, 2.0, 3.0]) |> filter(x => x > 1)
let n = count(d)
print "before"
print sum(ones([n]))

//= run
// before
// 2
