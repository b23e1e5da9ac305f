import "../lib/blocks.hs"
print blocks.double(4)
print blocks.scale(3)
print init(blocks.Pair)([1.0, 2.0])

//= run
// 8
// 6
// [3, 3]
//= run --set blocks.factor=5
// 8
// 15
// [3, 3]
