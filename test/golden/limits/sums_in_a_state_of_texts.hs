// a state of which texts are made goes through an engine, which counts no rows on its way
let d = rows(range(20))
print fold(range(3), { n: 0, t: "" }, (s, i) => { let c = count(d |> filter(x => x > s.n)) { n: c, t: s.t + string(c) } })

//= error
// limit: `count` where texts, times, lists or joined tables are made is not built yet
//   --> sums_in_a_state_of_texts.hs:3:59
//  3 | print fold(range(3), { n: 0, t: "" }, (s, i) => { let c = count(d |> filter(x => x > s.n)) { n: c, t: s.t + string(c) } })
//    |                                                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: scan(..) of the numbers alone, and texts of what it gives in a map or fold
// exit 2
