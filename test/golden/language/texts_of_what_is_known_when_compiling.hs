// numbers of constants that no engine knows are given to it: alone, in rows, and along a tensor that is written out
print string(sum([1.5, 2.0]))
print rows(range(3)) |> map(x => { x, t: string(sum([1.0, 2.0]) + f32(x)), u: "a" + string([1, 2, 3][1]) }) |> filter(r => r.t != string(max([3, 4])))
print map([[1.0, 2.0], [3.0, 4.0]], r => { a: string(sum(r)), b: r |> map(x => "v" + string(x)) })

//= run
// 3.5
// x  t  u
// 0  3  a2
// 2  5  a2
// [{ a: "3", b: ["v1", "v2"] }, { a: "7", b: ["v3", "v4"] }]
