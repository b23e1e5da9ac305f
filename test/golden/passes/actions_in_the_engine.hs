// What only counts, sums or picks the ends of an engine's rows is done there, all of the same rows in one query: none crosses. Not of csv that
// kernels read, nor where others need the rows, too, nor where an engine and a kernel may round differently.
let sales: rdd { id: i32, price: f32, user: string } = csv("../data/sales.csv")
let ann = sales |> filter(r => upper(r.user) == "ANN")
print { most: ann |> max(.price), cheap: ann |> any(r => r.price < 2), times: count(ann) }
print sales |> filter(r => contains(r.user, "b")) |> map(r => { whole: f64(r.id) }) |> sum(.whole)
print sales |> map(r => { r.user }) |> distinct |> count
print sales |> sum(.price)
print sales |> filter(r => starts_with(r.user, "c")) |> mean(r => exp(r.price))
//= run
// { most: 3, cheap: true, times: 3 }
// 7
// 3
// 24.25
// 1096.6333
//= sql
// -- actions_in_the_engine.hs:5:22, from ../data/sales.csv
// -- hsc_scan0: csv ../data/sales.csv
// SELECT c0 AS "v0", c1 AS "v1", c2 AS "v2"
// FROM (
//   SELECT CASE WHEN (c3 > 0::INTEGER) THEN c0 ELSE error('hsc:{"message":"there are no rows, and of nothing there is no least and no greatest","span":{"file":"actions_in_the_engine.hs","start":410,"end":421,"line":5,"column":22}}' || left(((c3 > 0::INTEGER))::VARCHAR, 0))::FLOAT END AS c0, c1 AS c1, c2 AS c2, i0
//   FROM (
//     SELECT a0 AS c0, a1 AS c1, a2 AS c2, a2 AS c3, 0::BIGINT AS i0
//     FROM (
//       SELECT coalesce(CASE WHEN bool_or(isnan(v0)) THEN 'NaN'::FLOAT WHEN max(v0) = 0 THEN CASE WHEN bool_or(v0 = 0 AND NOT signbit(v0)) THEN '0'::FLOAT ELSE max(v0) END ELSE max(v0) END, '0'::FLOAT) AS a0, coalesce(bool_or(v1), false) AS a1, count(*)::INTEGER AS a2
//       FROM (
//         SELECT c1 AS v0, ((c1 < '2'::FLOAT) AND NOT isnan('2'::FLOAT)) AS v1, i0
//         FROM (
//           SELECT c0, c1, c2, i0
//           FROM hsc_scan0
//           WHERE (upper(c2) = 'ANN')
//         )
//       )
//     )
//   )
// )
//
// -- actions_in_the_engine.hs:6:88, from ../data/sales.csv
// -- hsc_scan0: csv ../data/sales.csv
// SELECT c0 AS "v0"
// FROM (
//   SELECT c0 AS c0, i0
//   FROM (
//     SELECT a0 AS c0, a1 AS c1, 0::BIGINT AS i0
//     FROM (
//       SELECT coalesce(sum(v0::DOUBLE ORDER BY i0), 0) AS a0, count(*)::INTEGER AS a1
//       FROM (
//         SELECT c0 AS v0, i0
//         FROM (
//           SELECT c0::DOUBLE AS c0, i0
//           FROM (
//             SELECT c0, c1, c2, i0
//             FROM hsc_scan0
//             WHERE contains(c2, 'b')
//           )
//         )
//       )
//     )
//   )
// )
//
// -- actions_in_the_engine.hs:7:52, from ../data/sales.csv
// -- hsc_scan0: csv ../data/sales.csv
// SELECT c0 AS "v0"
// FROM (
//   SELECT c0 AS c0, i0
//   FROM (
//     SELECT a0 AS c0, a0 AS c1, 0::BIGINT AS i0
//     FROM (
//       SELECT count(*)::INTEGER AS a0
//       FROM (
//         SELECT i0
//         FROM (
//           SELECT c0, min(i0) AS i0
//           FROM (
//             SELECT c2 AS c0, i0
//             FROM hsc_scan0
//           )
//           GROUP BY c0
//         )
//       )
//     )
//   )
// )
//
// -- actions_in_the_engine.hs:9:16, from ../data/sales.csv
// -- hsc_scan0: csv ../data/sales.csv
// SELECT c0 AS "id", c1 AS "price", c2 AS "user"
// FROM (
//   SELECT c0, c1, c2, i0
//   FROM hsc_scan0
//   WHERE starts_with(c2, 'c')
// )
