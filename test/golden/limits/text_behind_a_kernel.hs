// What a kernel computes of a row does not go back into a function of text of the same row
let sales: rdd { id: i32, user: string, price: f32 } = csv("../data/sales.csv")
let w = [0.5, 2.0]
print sales |> map(r => upper(if dot(w, [r.price, 1]) > 4 then r.user else "?"))
//= error
// limit: `einsum` where texts, times, lists or joined tables are made is not built yet
//   --> text_behind_a_kernel.hs:4:34
//  4 | print sales |> map(r => upper(if dot(w, [r.price, 1]) > 4 then r.user else "?"))
//    |                                  ^^^^^^^^^^^^^^^^^^^^
// help: a map before it that computes it as a column
// exit 2
