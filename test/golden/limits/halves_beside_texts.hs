let d = rows(f16([1.5, 2.5])) |> map(x => { x: x })
print d |> map(r => { t: upper("a" + string(f32(r.x))), h: r.x })

//= error
// limit: an f16 where texts, times, lists or joined tables are made is not built yet
//   --> halves_beside_texts.hs:2:12
//  2 | print d |> map(r => { t: upper("a" + string(f32(r.x))), h: r.x })
//    |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: f32(..) of it in a map before
// exit 2
