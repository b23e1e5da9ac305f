// |> binds weakest, .name is a lambda, a block has a value; by hand
let d = [{ x: 1, y: 2 }, { x: 3, y: 4 }]
print d |> map(.x)
print [1, 2, 3] |> map(x => { let y = x * x  y + 1 })
print 3 == 3 |> (b => not b)
print ([1, 2, 3] |> sum) + 1
fn twice(f, x) = f(f(x))
print twice(x => x * 3, 2)
fn larger(a, b) = if a > b then a else b
print 10 |> larger(3)

//= run
// [1, 3]
// [2, 5, 10]
// false
// 7
// 18
// 10
