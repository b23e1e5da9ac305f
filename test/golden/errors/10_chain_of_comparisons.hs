let rows = rows([{ age: 3 }, { age: 20 }])
print rows |> filter(r => 0 < r.age < 18)

//= error
// error: comparisons do not chain
//   --> 10_chain_of_comparisons.hs:2:37
//  2 | print rows |> filter(r => 0 < r.age < 18)
//    |                                     ^
// help: 0 < r.age and r.age < 18
// exit 2
