let a = 3
let b = 2
let c = {
  let y = a
  - b
}
print c

//= error
// error: `y` is never used, and the next line starts with `-`
//   --> 12_line_that_starts_with_minus.hs:5:3
//  4 |   let y = a
//  5 |   - b
//    |   ^ begins a new expression
// help: put the operator at the end of the line above: let y = a -
// exit 2
