let w = eye(2)
print fold([1.0, 2.0], { t: "", v: ones([2]) }, (s, x) => { t: s.t + string(sum(w @ s.v)), v: x * s.v })

//= error
// limit: `@` of an element of a list where texts, times, lists or joined tables are made is not built yet
//   --> products_of_a_state_beside_texts.hs:2:81
//  2 | print fold([1.0, 2.0], { t: "", v: ones([2]) }, (s, x) => { t: s.t + string(sum(w @ s.v)), v: x * s.v })
//    |                                                                                 ^^^^^^^
// help: scan(..) of the numbers alone, and texts of what it gives in a map or fold
// exit 2
