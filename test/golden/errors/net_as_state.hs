// a net goes from stage to stage by repeat, not as what a loop keeps
let d = rows(range(4)) |> map(i => { x: f32(i) })
model M(x: f32) -> f32 = unsqueeze(x, 0) |> dense(1) |> squeeze(0)
fn more(net) = train(net, d, loss: (m, r) => m(r.x)^2, optimizer: sgd(0.1), batch: 2, epochs: 1)
print fold([1.0, 2.0], init(M), (net, s) => more(net))
print iterate(more(M), more, times: 3)

//= error
// error: the state of fold is made of numbers, strings and tensors, this is the net M
//   --> net_as_state.hs:5:24
//  5 | print fold([1.0, 2.0], init(M), (net, s) => more(net))
//    |                        ^^^^^^^
// help: repeat(net, 3, n => train(n, ..)) trains it on and on, so do calls one behind the other
//
// error: the state of iterate is made of numbers, strings and tensors, this is the net M
//   --> net_as_state.hs:6:15
//  6 | print iterate(more(M), more, times: 3)
//    |               ^^^^^^^
// help: repeat(net, 3, n => train(n, ..)) trains it on and on, so do calls one behind the other
// exit 2
