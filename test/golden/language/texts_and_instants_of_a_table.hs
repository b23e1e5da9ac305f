// A text is its number in kernels, which copy it, choose it and compare it for equality; what is missing prints as none.
let d: rdd { name: string, city: string?, at: time, n: i32? } = csv("../data/texts.csv")
print d
print here = d |> filter(r => (r.city ?? "?") == "Łódź" or r.name == "a,b")
print without = d |> filter(r => r.city == none) |> count
print who = d |> map(r => { who: if r.n == none then "nobody" else r.name, r.at }) |> take(2)
print latest = d |> max(.at)
print seconds(d |> max(.at)) - seconds(d |> min(.at))
print zipped = d |> zip_index |> filter(r => r.index % 2 == 1) |> map(r => { r.index, r.city })
//= run
// name           city  at                        n
// a,b            Łódź  2024-02-29 12:00:00.5     1
// with "quotes"  none  1969-12-31 00:00:00    none
// x              none  2025-01-01 00:00:01       7
// emoji 😀        Łódź  2025-01-01 00:00:00       2
// here =
// name     city  at                     n
// a,b      Łódź  2024-02-29 12:00:00.5  1
// emoji 😀  Łódź  2025-01-01 00:00:00    2
// without = 2
// who =
// who     at
// a,b     2024-02-29 12:00:00.5
// nobody  1969-12-31 00:00:00
// latest = 2025-01-01 00:00:01
// 1735776001
// zipped =
// index  city
//     1  none
//     3  Łódź
