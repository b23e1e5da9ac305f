let d = rows([1.0, 2.0, 3.0]) |> filter(x => x > 1)
let n = count(d)
print sum(zeros([n]))

//= error
// limit: a dim that is known only when data has been seen (n, by `n`) is not built yet
//   --> dim_of_data.hs:3:11
//  3 | print sum(zeros([n]))
//    |           ^^^^^^^^^^
// help: write the number, or read it from the header of a file
// exit 2
