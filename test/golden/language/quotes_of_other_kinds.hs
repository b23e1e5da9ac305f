// read as Python's csv module reads them, quotechar "'" and QUOTE_NONE
print csv("../data/apostrophes.csv", delimiter: ";", quote: "'")
let parts = csv("../data/inches.tsv", delimiter: "\t", quote: "")
print parts
print join(parts, rows([3, 4]) |> map(n => { n: i64(n), twice: 2 * n }), on: "n") |> sort_by(.n)

//= run
// text        n
// x;1         2
// it's        3
// "raw"       4
// two\nlines  5
// part     n
// 5" disk  3
// "loose   4
// part     n  twice
// 5" disk  3      6
// "loose   4      8
