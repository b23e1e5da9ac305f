// an operator, |> or . at the start of a line continues it; ( [ and a binary - do not
let a = 1
  + 2
  * 3
let b = [1, 2, 3]
  |> map(x => x * a)
  |> sum
let c = { let y = a
  -y }
print a
print b
print c

//= run
// 7
// 42
// -7
