let sales = csv("../data/sales.csv")
print sales |> group_by(.user, g => { n: count(g), dear: max(g |> filter(r => r.price > 6), .price) })

//= error
// error: a group has no record here, and of nothing there is no greatest
//   --> run_greatest_of_no_record_in_a_group.hs:2:58
//  2 | print sales |> group_by(.user, g => { n: count(g), dear: max(g |> filter(r => r.price > 6), .price) })
//    |                                                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// note: in row 0, counted from 0
// exit 1
