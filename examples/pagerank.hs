// PageRank of pages that link to each other: names get numbers, ranks are a tensor, a sum by key joins them (data: npx node test/data/make.ts).
let links: rdd { from: string, to: string } = csv("data/tables/links.csv")
let pages = links |> flat_map(e => [e.from, e.to]) |> vocab
let edges = links |> map(e => { from: pages.index(e.from), to: pages.index(e.to) }) |> cache
let n = pages.size
let degree = maximum(edges |> count_by(.from, groups: n), 1)

let rank = full([n], 1 / n) |> iterate(
  r => 0.15 / n + 0.85 * (edges |> sum_by(.to, groups: n, value: e => r[e.from] / degree[e.from])),
  times: 50, until: (old, new) => sum(abs(new - old)) < 1e-6)

let best = top_k(rank, 10)
print best = rows(best.indices) |> map(i => { page: pages.value(i), rank: rank[i] })
save rows(range(n)) |> map(i => { page: pages.value(i), rank: rank[i] }) to "ranks.csv"

//= run
// best =
// page                    rank
// wiki/page, old 2  0.010708
// wiki/Straße 0     0.0106157
// wiki/東京 1         0.00730187
// home 3            0.00694209
// wiki/Straße 4     0.00668082
// wiki/東京 9         0.00620683
// wiki/Straße 8     0.00618229
// home 7            0.00610228
// wiki/page, old 6  0.00538408
// wiki/東京 5         0.0050974
