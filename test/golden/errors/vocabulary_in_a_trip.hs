let d = rows([1.0, 2.0, 3.0])
print fold(range(5), 0, (s, i) => s + vocab(d |> filter(x => x > f32(i)) |> map(x => string(x))).size)

//= error
// error: vocab.size may differ from trip to trip of the function around, and a dim is one number
//   --> vocabulary_in_a_trip.hs:2:39
//  2 | print fold(range(5), 0, (s, i) => s + vocab(d |> filter(x => x > f32(i)) |> map(x => string(x))).size)
//    |                                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: outside of the function; or take(n) before it: there are n rows then
// exit 2
