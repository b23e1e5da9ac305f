// Lists in rows: an element, a part, orders, records, lists of lists and of tensors; by hand
let sales: rdd { id: i32, user: string, at: time, price: f64, pieces: i32, note: string? } = csv("../data/sales.csv")
let notes = sales |> filter(r => r.note != none) |> map(r => { r.id, words: words(lower(r.note ?? "")) })
print notes |> map(r => { first: r.words[0], last: r.words[-1], part: r.words[0:1], n: r.words[r.id % 1] })
print notes |> map(r => { twice: flat_map(r.words, w => [w, upper(w)]), by: r.words |> map(w => { w, n: length(w) }) |> sort_by(.n, descending: true) })
print notes |> map(r => { letters: map(r.words, w => [length(w), 1]), nested: map(r.words, w => words(w + " x")), long: max_by(r.words, length), kinds: count_distinct(r.words) })
print notes |> map(r => { words: if r.id > 1 then r.words else ["a", "b", "c"], some: ["x", "y"] |> filter(x => x == "y" or r.id < 4) })
let terms = notes |> flat_map(.words) |> vocab
let vectors = f32(reshape(range(terms.size * 2), [terms.size, 2]))
print notes |> map(r => { mean: mean(r.words, w => vectors[terms.index(w)]), ids: pad_to(map(r.words, terms.index), 3) })
save notes |> map(r => { r.id, r.words, at: [{ w: first(r.words), n: 1.5 }] }) to "notes.json"
//= run
// first  last    part      n
// two,   please  ["two,"]  two,
// gift   gift    ["gift"]  gift
// gift   wrap    ["gift"]  gift
// gift   gift    ["gift"]  gift
// twice                                 by
// ["two,", "TWO,", "please", "PLEASE"]  [{ w: "please", n: 6 }, { w: "two,", n: 4 }]
// ["gift", "GIFT"]                      [{ w: "gift", n: 4 }]
// ["gift", "GIFT", "wrap", "WRAP"]      [{ w: "gift", n: 4 }, { w: "wrap", n: 4 }]
// ["gift", "GIFT"]                      [{ w: "gift", n: 4 }]
// letters           nested                            long    kinds
// [[4, 1], [6, 1]]  [["two,", "x"], ["please", "x"]]  please      2
// [[4, 1]]          [["gift", "x"]]                   gift        1
// [[4, 1], [4, 1]]  [["gift", "x"], ["wrap", "x"]]    gift        2
// [[4, 1]]          [["gift", "x"]]                   gift        1
// words             some
// ["a", "b", "c"]   ["x", "y"]
// ["gift"]          ["x", "y"]
// ["gift", "wrap"]  ["y"]
// ["gift"]          ["y"]
// mean    ids
// [5, 6]  [3, 2, 0]
// [2, 3]  [1, 0, 0]
// [5, 6]  [1, 4, 0]
// [2, 3]  [1, 0, 0]
