// weights of 0 or 1 by hand: h = tanh(x + h)
model R(x: f32[3, 1]) -> f32[3, 2] = rnn(x, 2)
let net = init(R)
print shape(net([[0.0], [0.0], [0.0]]))
print sum(net([[0.0], [0.0], [0.0]]))
model G(x: f32[3, 2]) = gru(x, 4)
model L(x: f32[3, 2]) = lstm(x, 4)
print shape(init(G)(zeros([3, 2])))
print init(L)(zeros([3, 2])).c |> shape

//= run
// [3, 2]
// 0
// [3, 4]
// [3, 4]
