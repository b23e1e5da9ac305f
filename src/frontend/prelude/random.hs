// Draws that are made of uniform draws, as JAX makes them: the same bits for the same key.

// Giles 2010, in single precision
fn erfinv(x) = {
  let w = -log1p(-x * x)
  let near = w - 2.5
  let far = sqrt(w) - 3
  let small = 1.50140941 + near * (0.246640727 + near * (-0.00417768164 + near * (-0.00125372503 + near * (0.000218580870
    + near * (-4.39150654e-06 + near * (-3.5233877e-06 + near * (3.43273939e-07 + near * 2.81022636e-08)))))))
  let large = 2.83297682 + far * (1.00167406 + far * (0.00943887047 + far * (-0.0076224613 + far * (0.00573950773
    + far * (-0.00367342844 + far * (0.00134934322 + far * (0.000100950558 + far * -0.000200214257)))))))
  where(w < 5, small, large) * x
}
fn normal(shape = [], mean = 0, std = 1, seed = none) =
  mean + std * (sqrt(2.0) * erfinv(uniform(shape, -0.99999994, 1, seed)))        // from the float above -1, so that it is finite
fn bernoulli(p, shape = [], seed = none) = uniform(shape, 0, 1, seed) < p
// an index drawn with these weights: the first whose running sum reaches the draw
fn choice(weights: number[n], shape = [], seed = none) = {
  let sums = cumsum(f32(weights))
  let draw = sums[-1] * (1 - uniform(shape, 0, 1, seed))
  sum(i32(unsqueeze(draw, -1) > sums), axis: -1)
}
