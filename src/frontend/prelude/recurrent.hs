// Layers with a state that goes along axis 0. `start` is the state before the first step; the result is the state after each.
// The product with the inputs is one for all steps; gates lie side by side in the weights.

layer rnn(x: float[t, d], units: int, start = none) -> float[t, units] = {
  weight wx: float[d, units] = xavier()
  weight wh: float[units, units] = xavier()
  weight b: float[units] = 0
  let first = if start == none then zeros_like(b) else start
  scan(x @ wx + b, first, (h, p) => tanh(p + h @ wh))
}
// r, z, n (Cho et al. 2014, the reset gate behind the product)
layer gru(x: float[t, d], units: int, start = none) -> float[t, units] = {
  weight wx: float[d, 3 * units] = xavier()
  weight wh: float[units, 3 * units] = xavier()
  weight b: float[3 * units] = 0
  let first = if start == none then zeros_like(b[0:units]) else start
  scan(x @ wx + b, first, (h, p) => {
    let q = h @ wh
    let r = sigmoid(p[0:units] + q[0:units])
    let z = sigmoid(p[units:2 * units] + q[units:2 * units])
    let n = tanh(p[2 * units:] + r * q[2 * units:])
    n + z * (h - n)
  })
}
// i, f, g, o (Hochreiter and Schmidhuber 1997, with a forget gate)
layer lstm(x: float[t, d], units: int, start = none) -> { h: float[t, units], c: float[t, units] } = {
  weight wx: float[d, 4 * units] = xavier()
  weight wh: float[units, 4 * units] = xavier()
  weight b: float[4 * units] = 0
  let zero = zeros_like(b[0:units])
  let first = if start == none then { h: zero, c: zero } else { h: start.h, c: start.c }
  scan(x @ wx + b, first, (s, p) => {
    let gates = p + s.h @ wh
    let i = sigmoid(gates[0:units])
    let f = sigmoid(gates[units:2 * units])
    let g = tanh(gates[2 * units:3 * units])
    let o = sigmoid(gates[3 * units:])
    let c = f * s.c + i * g
    { h: o * tanh(c), c: c }
  })
}
