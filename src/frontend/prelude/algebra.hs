// Matrices by elimination, column by column.

// columns of one length and at right angles, twice, so that what the first pass lost in rounding the second restores
fn orthonormalize(x: float[m, n]) = {
  let pass = q => fold(range(n), q, (q, i) => {
    let here = range(n) == i
    let column = sum(where(here, q, 0), axis: 1)
    let unit = column / norm(column)
    let rest = where(range(n) > i, unit @ q, 0)
    where(here, unsqueeze(unit, 1), q - unsqueeze(unit, 1) * rest)
  })
  pass(pass(x))
}

// Gauss and Jordan with the largest pivot of each column; b: float[n] or float[n, k]
fn solve(a: float[n, n], b: float[n, ...]) = {
  let start = { a: a, b: reshape(b, [n, -1]) }
  let done = fold(range(n), start, (s, i) => {
    let rows = range(n)
    let column = sum(where(rows == i, s.a, 0), axis: 1)
    let p = argmax(where(rows >= i, abs(column), -1))
    let order = where(rows == i, p, where(rows == p, i, rows))
    let a = gather(s.a, order)
    let b = gather(s.b, order)
    let mine = unsqueeze(rows == i, 1)
    let factors = sum(where(rows == i, a, 0), axis: 1)
    let pivot = sum(where(rows == i, factors, 0))
    let row = sum(where(mine, a, 0), axis: 0) / pivot
    let right = sum(where(mine, b, 0), axis: 0) / pivot
    let by = unsqueeze(factors, 1)
    { a: where(mine, row, a - by * row), b: where(mine, right, b - by * right) }
  })
  reshape(done.b, shape(b))
}
fn inverse_matrix(x: float[n, n]) = solve(x, zeros_like(x) + where(unsqueeze(range(n), 1) == range(n), 1, 0))
