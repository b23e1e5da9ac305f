// PageRank: in each trip of iterate a join of the links with the ranks, and a sum by page; figures: networkx
let links = rows({ from: [0, 0, 1, 2, 3, 3, 3, 5, 4], to: [1, 2, 2, 0, 2, 4, 1, 3, 0] })
let out = links |> group_by(.from, g => { out: f32(count(g)) })
let edges = links |> join(out, on: "from")
let rank = iterate(full([6], 1 / 6), r => {
  let now = rows({ from: range(6), rank: r })
  let given = edges |> join(now, on: "from") |> group_by(.to, g => { sum: sum(g, e => e.rank / e.out) })
  let all = rows({ to: range(6) }) |> join(given, on: "to", how: "left") |> sort_by(.to)
  (all |> map(e => { rank: 0.15 / 6 + 0.85 * (e.sum ?? 0.0) }) |> take(6) |> collect).rank
}, times: 100, until: (a, b) => max(abs(a - b)) < 1e-8)
print round(rank * 1e6) / 1e6
//= run
// [0.353668, 0.188413, 0.348564, 0.04625, 0.038104, 0.025]
