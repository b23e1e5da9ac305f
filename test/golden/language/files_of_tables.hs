// json, arrow, npz, pictures and bytes; what is in them was written by Python and by arrow's own library
print json("../data/birds.json")
print arrow("../data/birds.arrow") |> map(r => { r.name, kilos: (r.grams ?? 0) / 1000, r.legs })
let pair = npz("../data/pair.npz")
print pair.a @ f32(pair.n[0:2])
print images("../data/pets/*/*.png", size: [2, 2]) |> map(r => { r.label, red: r.image[0, 1, 0], sum: sum(r.image) })
print utf8(bytes("../data/table.csv")[0:16])

//= run
// name       grams
// kiwi        2800
// wren        none
// swan "Bo"  11000
// name  kilos  legs
// kiwi    2.8     2
// wren    0       2
// swan   11       2
// [17, 39]
// label  red  sum
// cat      7   78
// dog    100  965
// speed,cost,name
