// a state keeps its sides from trip to trip: a list of texts has none
print iterate(["a"], s => concat([s, s]), times: 3)
print scan(range(3), "a", (s, i) => words(s))
print fold(range(3), { n: 0, l: words("a b") }, (s, i) => { n: s.n + i, l: s.l |> map(upper) })

//= error
// error: the state of iterate is made of tensors and strings, a list may have any length: this is a list of 1
//   --> lists_as_states.hs:2:15
//  2 | print iterate(["a"], s => concat([s, s]), times: 3)
//    |               ^^^^^
// help: one string of them all, as s + " " + t, and words(..) of it behind the loop
//
// error: the state of scan is made of tensors and strings, a list may have any length: this is list string
//   --> lists_as_states.hs:3:27
//  3 | print scan(range(3), "a", (s, i) => words(s))
//    |                           ^^^^^^^^^^^^^^^^^^
// help: one string of them all, as s + " " + t, and words(..) of it behind the loop
//
// error: the state of fold is made of tensors and strings, a list may have any length: this is { n: i32, l: a list of 2 }
//   --> lists_as_states.hs:4:22
//  4 | print fold(range(3), { n: 0, l: words("a b") }, (s, i) => { n: s.n + i, l: s.l |> map(upper) })
//    |                      ^^^^^^^^^^^^^^^^^^^^^^^^^
// help: one string of them all, as s + " " + t, and words(..) of it behind the loop
// exit 2
