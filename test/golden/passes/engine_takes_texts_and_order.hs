// A chain is cut as late as needed: what stands above the engine's last transform is a kernel's, and what only kernels compute is given.
let d: rdd { name: string, city: string?, n: i32? } = csv("../data/texts.csv")
let known = d |> filter(r => r.city != none)
let weights = [0.5, 2.0]
print known |> map(r => { r.name, far: dot(weights, [f32(length(r.name)), f32(r.n ?? 0)]) }) |> sum(.far)
print d |> map(r => { r.name, x: dot(weights, [f32(r.n ?? 0), 1]) }) |> sort_by(.x, descending: true) |> take(2)
print d |> group_by(r => r.city ?? "?", g => { n: count(g) }) |> map(r => { r.key, half: f32(r.n) / 2 })
//= after engine
// %1 = source csv "../data/texts.csv": rdd { name: string, city: string?, n: i32? }
// %2 = rdd.map(%1): rdd { name: string, x: f32 }
//   f (name.3: string, city.value.4: string, city.present.5: bool, n.value.6: i32, n.present.7: bool)
//     %8 = const [0.5, 2]: f32[2]
//     %9 = const 0: i32
//     %10 = where(n.present.7, n.value.6, %9): i32
//     %11 = cast(%10): f32
//     %12 = const 1: f32
//     %13 = stack(%11, %12): f32[2]
//     %14 = einsum(%8, %13, spec: "i,i->", c: none): f32
//     => { name: name.3, x: %14 }
// symbol rows = rows %2
// %15 = source engine "../data/texts.csv": rdd { name: string, "city.value": string, "city.present": bool, "n.value": i32, "n.present": bool, "0#0": i32 }
// %16 = rdd.map(%15): rdd { name: string, far: f32 }
//   f (name.17: string, city.value.18: string, city.present.19: bool, n.value.20: i32, n.present.21: bool, 0#0.22: i32)
//     %23 = const [0.5, 2]: f32[2]
//     %24 = cast(0#0.22): f32
//     %25 = const 0: i32
//     %26 = where(n.present.21, n.value.20, %25): i32
//     %27 = cast(%26): f32
//     %28 = stack(%24, %27): f32[2]
//     %29 = einsum(%23, %28, spec: "i,i->", c: none): f32
//     => { name: name.17, far: %29 }
// %30 = rdd.sum(%16): f32
//   f (name.31: string, far.32: f32)
//     => far.32
// print %30
// %33 = rdd.collect(%2): (string[rows], f32[rows])
// %34 = get 0 of %33: string[rows]
// %35 = get 1 of %33: f32[rows]
// %36 = source engine : rdd { name: string, x: f32 }
// print %36
// %37 = source engine "../data/texts.csv": rdd { key: string, a0: i32 }
// %38 = rdd.map(%37): rdd { key: string, n: i32 }
//   f (key.39: string, a0.40: i32)
//     => { key: key.39, n: a0.40 }
// %41 = rdd.map(%38): rdd { key: string, half: f32 }
//   f (key.42: string, n.43: i32)
//     %44 = cast(n.43): f32
//     %45 = const 2: f32
//     %46 = div(%44, %45): f32
//     => { key: key.42, half: %46 }
// print %41
//= sql
// -- engine_takes_texts_and_order.hs:3:18, from ../data/texts.csv
// -- hsc_scan0: csv ../data/texts.csv
// SELECT c0 AS "name", c1 AS "city.value", c2 AS "city.present", c3 AS "n.value", c4 AS "n.present", c5 AS "0#0"
// FROM (
//   SELECT c0 AS c0, c1 AS c1, c2 AS c2, c3 AS c3, c4 AS c4, length(c0)::INTEGER AS c5, i0
//   FROM (
//     SELECT c0, c1, c2, c3, c4, i0
//     FROM hsc_scan0
//     WHERE c2
//   )
// )
//
// -- engine_takes_texts_and_order.hs:6:106
// -- given 0: rdd.collect, engine_takes_texts_and_order.hs:6:12
// -- given 1: rdd.collect, engine_takes_texts_and_order.hs:6:12
// SELECT c0 AS "name", c1 AS "x"
// FROM (
//   SELECT c0, c1, i0, k0
//   FROM (
//     SELECT c0, c1, i0, c1 AS k0
//     FROM hsc_given0
//   )
//   ORDER BY k0 DESC, i0
//   LIMIT 2
// )
// ORDER BY k0 DESC, i0
//
// -- engine_takes_texts_and_order.hs:7:12, from ../data/texts.csv
// -- hsc_scan0: csv ../data/texts.csv
// SELECT c0 AS "key", c1 AS "a0"
// FROM (
//   SELECT c0, c1, i0
//   FROM (
//     SELECT c0, c1, row_number() OVER (ORDER BY i0) - 1 AS i0
//     FROM (
//       SELECT c0, a0 AS c1, c0 AS i0
//       FROM (
//         SELECT c0, count(*)::INTEGER AS a0
//         FROM (
//           SELECT CASE WHEN c2 THEN c1 ELSE '?' END AS c0, i0
//           FROM hsc_scan0
//         )
//         GROUP BY c0
//       )
//     )
//   )
//   ORDER BY i0
//   LIMIT 10
// )
// ORDER BY i0
//= run
// 11
// name       x
// x        5.5
// emoji 😀  3
// key   half
// ?        1
// Łódź     1
