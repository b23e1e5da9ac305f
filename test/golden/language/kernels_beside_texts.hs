// What a kernel computes goes into a function of text of the same row, and a list through kernels back to an engine; by hand
let sales: rdd { id: i32, user: string, at: time, price: f64, pieces: i32, note: string? } = csv("../data/sales.csv")
let w = [0.5, 2.0]
let names = ["cheap", "fair", "dear"]
print sales |> map(r => upper(if dot(w, [r.price, 1]) > 4 then r.user else "?"))
print sales |> map(r => { text: r.user + " " + names[argmax([f32(r.pieces), 3, f32(r.price)])], score: string(round(dot(w, [r.price, 1]))) }) |> take(3)
let scored = sales |> map(r => { words: words(r.note ?? "-"), s: dot(w, [r.price, f64(r.pieces)]) }) |> filter(r => r.s > 8)
print scored |> sort_by(.s) |> map(r => { first: r.words[0], r.s })
print scored |> flat_map(.words)
let ids = collect(sales |> map(.user))
print ids[2] + "!"
//= run
// ?
// BOB
// ?
// CID
// ?
// ?
// text       score
// ann cheap  3
// bob dear   7
// ann fair   3
// first      s
// two,    9.25
// GIFT    9.5
// -      16.25
// two,
// please
// GIFT
// wrap
// -
// ann!
