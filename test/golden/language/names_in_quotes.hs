// columns with names that are no words; numbers by DuckDB: select "Origin State", count(*), avg("Cost (US$)") from .. group by 1
let d: rdd { "Origin State": string, "Cost (US$)": f64?, to: string, "say \"no\"": i32 } = csv("../data/names.csv")
print d |> filter(r => (r."Cost (US$)" ?? 0) > 15) |> map(r => { r."Origin State", r.to, half: r."Cost (US$)" })
print d |> group_by(."Origin State", g => { "n of them": count(g), cost: mean(g, ."Cost (US$)") }) |> sort_by(."n of them", descending: true)
print sum(d, ."say \"no\"")
let r = { "a b": 1, c: { "d e": 2 } }
print r."a b" + r.c."d e"

//= run
// Origin State  to    half
// New York      y, z    20
// Ohio          x       30
// Origin State  n of them  cost
// Ohio                  3    20
// New York              1    20
// 15
// 3
