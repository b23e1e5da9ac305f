// Records in the lists of a file may hold records and lists themselves; a written type names what is read.
let orders = json("../data/orders.jsonl")
print orders |> flat_map(.items) |> map(r => { r.sku, r.from.shop, day: day(r.from.at), tags: count(r.tags), best: sum(r.bids, .price), r.bids })
print orders |> map(r => { r.id, tags: r.items |> flat_map(.tags), bids: r.items |> map(i => count(i.bids)) |> sum })
let some: rdd { id: i32, items: list { from: { shop: string }, bids: list { price: f32 } } } = json("../data/orders.jsonl")
print some |> map(r => { r.items })

//= run
// sku  shop  day  tags  best  bids
// a    x       2     2   3.5  [{ by: "u1", price: 1.5 }, { by: "u2", price: 2 }]
// b    y       3     0   0    []
// c    x       4     1   7    [{ by: "u1", price: 7 }]
// id  tags             bids
//  1  ["new", "sale"]     2
//  2  []                  0
//  3  ["sale"]            1
// items
// [{ from: { shop: "x" }, bids: [{ price: 1.5 }, { price: 2 }…
// []
// [{ from: { shop: "x" }, bids: [{ price: 7 }] }]
