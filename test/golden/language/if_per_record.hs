// both branches are computed, one is taken; by hand
let d = rows([-4.0, 0.0, 9.0])
print d |> map(x => if x < 0 then -1.0 else sqrt(x)) |> take(3) |> collect
print grad(w => sum(d, x => if x > 0 then w * x else w))(2.0)

//= run
// [-1, 0, 3]
// 11
