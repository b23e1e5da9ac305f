// more than a table can look back and forth
let d = text("../data/users.csv")
print d |> map(r => { n: count(skip_grams(words(r), window: 255)) })

//= error
// error: skip_grams of a list that data make looks 1 to 100 places far, not 255
//   --> window_of_skip_grams.hs:3:61
//  3 | print d |> map(r => { n: count(skip_grams(words(r), window: 255)) })
//    |                                                             ^^^
// exit 2
