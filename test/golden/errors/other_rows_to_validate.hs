let d = rows(range(40)) |> map(i => { a: f32(i), b: f32(i) * 2 }) |> split({ train: 0.8, check: 0.2 })
model Line(x: f32) -> f32 = dense(unsqueeze(x, 0), 1)[0]
let net = train(Line, d.train |> map(r => { x: r.a / 40, y: r.b }), loss: (m, r) => (m(r.x) - r.y)^2,
  optimizer: sgd(0.1), epochs: 1, validate: d.check, metrics: { off: (m, r) => abs(m(r.x) - r.y) })
print net(1.0)

//= error
// error: no field `x` in r
//   --> other_rows_to_validate.hs:3:90
//  3 | let net = train(Line, d.train |> map(r => { x: r.a / 40, y: r.b }), loss: (m, r) => (m(r.x) - r.y)^2,
//    |                                                                                          ^
// note: fields: a, b
// note: here r is a record of `validate`
//   --> other_rows_to_validate.hs:4:45
//
// error: no field `y` in r
//   --> other_rows_to_validate.hs:3:97
//  3 | let net = train(Line, d.train |> map(r => { x: r.a / 40, y: r.b }), loss: (m, r) => (m(r.x) - r.y)^2,
//    |                                                                                                 ^
// note: fields: a, b
// note: here r is a record of `validate`
//   --> other_rows_to_validate.hs:4:45
// exit 2
