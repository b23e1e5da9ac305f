-- scan
hsc_scan0

-- given
hsc_given3

-- map
(
  SELECT upper(c0) AS c0, i0
  FROM hsc_scan0
)

-- map of a check
(
  SELECT CASE WHEN c3 THEN c0 ELSE error('hsc:{"message":"it''s nothing","span":{"file":"a.hs","start":1,"end":2,"line":1,"column":2}}' || left((c3)::VARCHAR, 0))::VARCHAR END AS c0, i0
  FROM hsc_scan0
)

-- map of a given vector
(
  SELECT coalesce(CASE WHEN t0 >= 0 THEN (getvariable('hsc_given3'))[t0::BIGINT + 1] END, '') AS c0, i0
  FROM (
    SELECT *, length(c0)::INTEGER AS t0
    FROM hsc_scan0
  )
)

-- map of a given scalar
(
  SELECT getvariable('hsc_given2') AS c0, i0
  FROM hsc_scan0
)

-- filter
(
  SELECT c0, c1, c2, c3, i0
  FROM hsc_scan0
  WHERE ((c1 < 'NaN'::FLOAT) AND NOT isnan('NaN'::FLOAT))
)
-- i0 is the identity

-- flat of words
(
  SELECT e AS c0, i0, i1, i2
  FROM (
    SELECT unnest(t0) AS e, i0, i1, unnest(range(len(t0))) AS i2
    FROM (
      SELECT *, regexp_extract_all(c4, '[^ \t\n\v\f\r]+') AS t0
      FROM (
        SELECT c0, c1, c2, c3, unnest(t0) AS c4, i0, unnest(range(len(t0))) AS i1
        FROM (
          SELECT *, regexp_extract_all(c0, '(?:[^ \t\n\v\f\r]+[ \t\n\v\f\r]+){0,63}[^ \t\n\v\f\r]+') AS t0
          FROM hsc_scan0
        )
      )
    )
  )
)

-- flat of skip_grams
(
  SELECT c0, e AS c1, i0, i1, s AS i2
  FROM (
    SELECT c0, i0, i1, unnest([a0, a1, a2, a3]) AS e, unnest([0, 1, 2, 3]) AS s
    FROM (
      SELECT c0, i0, i1, CASE WHEN b0 THEN a0 END AS a0, CASE WHEN b1 THEN a1 END AS a1, CASE WHEN b2 THEN a2 END AS a2, CASE WHEN b3 THEN a3 END AS a3
      FROM (
        SELECT c0, i0, i1, lag(c0, 2) OVER () AS a0, lag(p, 2) OVER () - p = -2 AS b0, lag(c0, 1) OVER () AS a1, lag(p, 1) OVER () - p = -1 AS b1, lead(c0, 1) OVER () AS a2, lead(p, 1) OVER () - p = 1 AS b2, lead(c0, 2) OVER () AS a3, lead(p, 2) OVER () - p = 2 AS b3
        FROM (
          SELECT c0, i0, i1, i1 AS p
          FROM (
            SELECT e AS c0, i0, i1
            FROM (
              SELECT unnest(t0) AS e, i0, unnest(range(len(t0))) AS i1
              FROM (
                SELECT *, [c0, c0]::VARCHAR[] AS t0
                FROM hsc_scan0
              )
            )
          )
        )
      )
    )
  )
  WHERE e IS NOT NULL
)

-- flat of take
(
  SELECT e AS c0, i0, i1
  FROM (
    SELECT unnest(t1) AS e, i0, unnest(range(len(t1))) AS i1
    FROM (
      SELECT *, list_slice(t0, 1, greatest(1::INTEGER, 0)::BIGINT) AS t1
      FROM (
        SELECT *, [c0, c0]::VARCHAR[] AS t0
        FROM hsc_scan0
      )
    )
  )
)

-- flat of concat
(
  SELECT e AS c0, i0, i1
  FROM (
    SELECT unnest(t1) AS e, i0, unnest(range(len(t1))) AS i1
    FROM (
      SELECT *, list_concat(t0, t0) AS t1
      FROM (
        SELECT *, [c0, c0]::VARCHAR[] AS t0
        FROM hsc_scan0
      )
    )
  )
)

-- flat of part
(
  SELECT e AS c0, i0, i1
  FROM (
    SELECT unnest(t1) AS e, i0, unnest(range(len(t1))) AS i1
    FROM (
      SELECT *, list_slice(t0, CASE WHEN 0::INTEGER < 0 THEN greatest(len(t0) + 0::INTEGER, 0) ELSE 0::INTEGER::BIGINT END + 1, CASE WHEN '-1'::INTEGER < 0 THEN greatest(len(t0) + '-1'::INTEGER, 0) ELSE '-1'::INTEGER::BIGINT END) AS t1
      FROM (
        SELECT *, [c0, c0]::VARCHAR[] AS t0
        FROM hsc_scan0
      )
    )
  )
)

-- flat of order
(
  SELECT e AS c0, i0, i1
  FROM (
    SELECT unnest(t1) AS e, i0, unnest(range(len(t1))) AS i1
    FROM (
      SELECT *, list_transform(list_grade_up(list_transform(t0, lambda ek0, ep0: struct_pack(f0 := ek0, f1 := -ep0)), 'DESC'), lambda eo0: (t0)[eo0]) AS t1
      FROM (
        SELECT *, [c0, c0]::VARCHAR[] AS t0
        FROM hsc_scan0
      )
    )
  )
)

-- flat of distinct
(
  SELECT e AS c0, i0, i1
  FROM (
    SELECT unnest(t1) AS e, i0, unnest(range(len(t1))) AS i1
    FROM (
      SELECT *, (list_transform([struct_pack(l := t0, k := t0, p := list_grade_up(list_transform(t0, lambda ek0, ep0: struct_pack(f0 := ek0, f1 := ep0)), 'ASC'))], lambda ev0: list_transform(list_sort(list_transform(list_filter(range(1, len(ev0.p) + 1), lambda es0: es0 = 1 OR ev0.k[ev0.p[es0]] IS DISTINCT FROM ev0.k[ev0.p[es0 - 1]]), lambda es0: ev0.p[es0])), lambda ed0: ev0.l[ed0]))[1]) AS t1
      FROM (
        SELECT *, [c0, c0]::VARCHAR[] AS t0
        FROM hsc_scan0
      )
    )
  )
)

-- flat of parted
(
  SELECT e AS c0, i0, i1
  FROM (
    SELECT unnest(t2) AS e, i0, unnest(range(len(t2))) AS i1
    FROM (
      SELECT *, flatten(t1) AS t2
      FROM (
        SELECT *, (list_transform([struct_pack(l := t0, k := t0, p := list_grade_up(list_transform(t0, lambda ek0, ep0: struct_pack(f0 := ek0, f1 := ep0)), 'ASC'))], lambda ev0: list_transform([list_filter(range(1, len(ev0.p) + 1), lambda es0: es0 = 1 OR ev0.k[ev0.p[es0]] IS DISTINCT FROM ev0.k[ev0.p[es0 - 1]])], lambda ea0: list_transform(range(1, len(ea0) + 1), lambda ei0: list_transform(range(ea0[ei0], coalesce(ea0[ei0 + 1], len(ev0.p) + 1)), lambda ed0: ev0.l[ev0.p[ed0]])))[1])[1]) AS t1
        FROM (
          SELECT *, [c0, c0]::VARCHAR[] AS t0
          FROM hsc_scan0
        )
      )
    )
  )
)

-- flat of numbered
(
  SELECT e.f0 AS c0, e.f1 AS c1, i0, i1
  FROM (
    SELECT unnest(t1) AS e, i0, unnest(range(len(t1))) AS i1
    FROM (
      SELECT *, list_transform(t0, lambda en0, ei0: struct_pack(f0 := en0, f1 := (ei0 - 1)::BIGINT)) AS t1
      FROM (
        SELECT *, [c0, c0]::VARCHAR[] AS t0
        FROM hsc_scan0
      )
    )
  )
)

-- flat of flatten
(
  SELECT e AS c0, i0, i1
  FROM (
    SELECT unnest(t1) AS e, i0, unnest(range(len(t1))) AS i1
    FROM (
      SELECT *, flatten(t0) AS t1
      FROM (
        SELECT *, list_transform([c0, c0]::VARCHAR[], lambda e0: regexp_extract_all(e0, '[^ \t\n\v\f\r]+')) AS t0
        FROM hsc_scan0
      )
    )
  )
)

-- flat of elements
(
  SELECT e AS c0, i0, i1
  FROM (
    SELECT unnest(t1) AS e, i0, unnest(range(len(t1))) AS i1
    FROM (
      SELECT *, list_transform(t0, lambda q: q) AS t1
      FROM (
        SELECT *, list_resize([7::INTEGER]::INTEGER[], 2, 0::INTEGER)::INTEGER[2] AS t0
        FROM hsc_scan0
      )
    )
  )
)

-- flat of range
(
  SELECT e AS c0, i0, i1
  FROM (
    SELECT unnest(t0) AS e, i0, unnest(range(len(t0))) AS i1
    FROM (
      SELECT *, range(greatest(3::INTEGER, 0)::BIGINT)::INTEGER[] AS t0
      FROM hsc_scan0
    )
  )
)

-- flat of texts
(
  SELECT e AS c0, i0, i1
  FROM (
    SELECT unnest(t0) AS e, i0, unnest(range(len(t0))) AS i1
    FROM (
      SELECT *, coalesce(from_json(CASE WHEN json_valid(c0) THEN c0 END, '["VARCHAR"]'), []) AS t0
      FROM hsc_scan0
    )
  )
)

-- flat of a fold
(
  SELECT e AS c0, i0, i1
  FROM (
    SELECT unnest(t0) AS e, i0, unnest(range(len(t0))) AS i1
    FROM (
      SELECT *, list_transform([list_reduce(list_transform([c0, c0]::VARCHAR[], lambda ey0: struct_pack(f0 := (NULL)::INTEGER, f1 := (ey0)::VARCHAR)), lambda e0, ex0: struct_pack(f0 := (((((e0.f0::BIGINT + length(ex0.f1)::INTEGER::BIGINT) + 2147483648) & 4294967295) - 2147483648)::INTEGER)::INTEGER, f1 := (ex0.f1)::VARCHAR), struct_pack(f0 := (0::INTEGER)::INTEGER, f1 := (NULL)::VARCHAR))], lambda ez0: ez0.f0) AS t0
      FROM hsc_scan0
    )
  )
)

-- flat of records
(
  SELECT e.f0 AS c0, e.f1 AS c1, i0, i1
  FROM (
    SELECT unnest(t0) AS e, i0, unnest(range(len(t0))) AS i1
    FROM (
      SELECT *, [struct_pack(f0 := c0, f1 := c1)]::STRUCT(f0 VARCHAR, f1 FLOAT)[] AS t0
      FROM hsc_scan0
    )
  )
)

-- flat of each
(
  SELECT e AS c0, i0, i1, i2
  FROM (
    SELECT unnest(t0) AS e, i0, i1, unnest(range(len(t0))) AS i2
    FROM (
      SELECT *, list_transform(list_filter(regexp_extract_all(c4, '[^ \t\n\v\f\r]+'), lambda e0: (e0 <> c0)), lambda e0: hsc_lookup7(e0)) AS t0
      FROM (
        SELECT c0, c1, c2, c3, unnest(t0) AS c4, i0, unnest(range(len(t0))) AS i1
        FROM (
          SELECT *, regexp_extract_all(c0, '(?:[^ \t\n\v\f\r]+[ \t\n\v\f\r]+){0,63}[^ \t\n\v\f\r]+') AS t0
          FROM hsc_scan0
        )
      )
    )
  )
)

-- join inner
(
  SELECT l.c0 AS c0, l.c1 AS c1, l.c2 AS c2, l.c3 AS c3, r.c1 AS c4, l.i0 AS i0, r.i0 AS i1
  FROM hsc_scan0 AS l
  INNER JOIN (
    SELECT c0 AS c0, c1 AS c1, i0
    FROM hsc_scan1
  ) AS r ON l.c0 = r.c0
)
ORDER BY i0, i1

-- join left
(
  SELECT l.c0 AS c0, l.c1 AS c1, l.c2 AS c2, l.c3 AS c3, coalesce(r.c1, '0'::FLOAT) AS c4, r.i0 IS NOT NULL AS c5, l.i0 AS i0, r.i0 AS i1
  FROM hsc_scan0 AS l
  LEFT JOIN (
    SELECT c0 AS c0, c1 AS c1, i0
    FROM hsc_scan1
  ) AS r ON l.c0 = r.c0
)
ORDER BY i0, i1

-- join full
(
  SELECT coalesce(l.c0, r.c0) AS c0, coalesce(l.c1, '0'::FLOAT) AS c1, l.i0 IS NOT NULL AS c2, coalesce(l.c2, 0::BIGINT) AS c3, coalesce(l.c3, false) AS c4, coalesce(r.c1, '0'::FLOAT) AS c5, r.i0 IS NOT NULL AS c6, l.i0 AS i0, r.i0 AS i1
  FROM hsc_scan0 AS l
  FULL JOIN (
    SELECT c0 AS c0, c1 AS c1, i0
    FROM hsc_scan1
  ) AS r ON l.c0 = r.c0
)
ORDER BY i0, i1

-- join semi
(
  SELECT l.c0, l.c1, l.c2, l.c3, l.i0
  FROM hsc_scan0 AS l
  SEMI JOIN (
    SELECT c0 AS c0, c1 AS c1, i0
    FROM hsc_scan1
  ) AS r ON l.c0 = r.c0
)
ORDER BY i0
-- i0 is the identity

-- join anti by what may be missing
(
  SELECT l.c0, l.c1, l.c2, l.c3, l.i0
  FROM hsc_scan0 AS l
  ANTI JOIN hsc_scan0 AS r ON CASE WHEN NOT isnan(l.c1) THEN l.c1 END = r.c1 AND l.c2 = r.c2 AND CASE WHEN l.c3 THEN l.c3 END = r.c3
)
ORDER BY i0
-- i0 is the identity

-- join of each row with one
(
  SELECT l.c0 AS c0, l.c1 AS c1, l.c2 AS c2, l.c3 AS c3, l.i0 AS i0, coalesce(r.c1, '0'::FLOAT) AS c4
  FROM hsc_scan0 AS l
  LEFT JOIN (
    SELECT c0 AS c0, c1 AS c1, i0
    FROM hsc_scan1
  ) AS r ON l.c0 = r.c0
)
ORDER BY i0
-- i0 is the identity

-- join of what was taken
(
  SELECT l.c0 AS c0, l.c1 AS c1, l.c2 AS c2, l.c3 AS c3, r.c1 AS c4, l.i0 AS i0, r.i0 AS i1
  FROM (
    SELECT c0, c1, c2, c3, i0
    FROM hsc_scan0
    ORDER BY i0
    LIMIT 5
  ) AS l
  INNER JOIN (
    SELECT c0 AS c0, c1 AS c1, i0
    FROM hsc_scan1
  ) AS r ON l.c0 = r.c0
)
ORDER BY i0, i1

-- group
(
  SELECT c0, c1, a0 AS c2, a1 AS c3, a2 AS c4, a3 AS c5, a4 AS c6, a5 AS c7, a6 AS c8, NOT c1 AS i0, c0 AS i1
  FROM (
    SELECT c0, c1, count(*)::INTEGER AS a0, coalesce(try_cast((CASE WHEN isfinite(coalesce(sum(v0::DOUBLE) FILTER (WHERE v1), 0)) THEN CASE WHEN sum(CASE WHEN isfinite(v0::DOUBLE) AND NOT (abs(v0::DOUBLE) < '4194304'::DOUBLE AND v0::DOUBLE * '1099511627776'::DOUBLE = trunc(v0::DOUBLE * '1099511627776'::DOUBLE)) THEN (v0::DOUBLE * '7.1362384635298e+44'::DOUBLE)::BIGNUM END) FILTER (WHERE v1) IS NULL THEN (coalesce(sum(CASE WHEN abs(v0::DOUBLE) < '4194304'::DOUBLE AND v0::DOUBLE * '1099511627776'::DOUBLE = trunc(v0::DOUBLE * '1099511627776'::DOUBLE) THEN (v0::DOUBLE * '1099511627776'::DOUBLE)::BIGINT END) FILTER (WHERE v1), 0)::HUGEINT)::VARCHAR::DOUBLE * '9.094947017729282e-13'::DOUBLE ELSE ((((coalesce(sum(CASE WHEN abs(v0::DOUBLE) < '4194304'::DOUBLE AND v0::DOUBLE * '1099511627776'::DOUBLE = trunc(v0::DOUBLE * '1099511627776'::DOUBLE) THEN (v0::DOUBLE * '1099511627776'::DOUBLE)::BIGINT END) FILTER (WHERE v1), 0)::HUGEINT - (coalesce(sum(CASE WHEN abs(v0::DOUBLE) < '4194304'::DOUBLE AND v0::DOUBLE * '1099511627776'::DOUBLE = trunc(v0::DOUBLE * '1099511627776'::DOUBLE) THEN (v0::DOUBLE * '1099511627776'::DOUBLE)::BIGINT END) FILTER (WHERE v1), 0)::HUGEINT & 1099511627775)) // 1099511627776)::DOUBLE * '7.1362384635298e+44'::DOUBLE)::BIGNUM + ((coalesce(sum(CASE WHEN abs(v0::DOUBLE) < '4194304'::DOUBLE AND v0::DOUBLE * '1099511627776'::DOUBLE = trunc(v0::DOUBLE * '1099511627776'::DOUBLE) THEN (v0::DOUBLE * '1099511627776'::DOUBLE)::BIGINT END) FILTER (WHERE v1), 0)::HUGEINT & 1099511627775)::DOUBLE * '6.490371073168535e+32'::DOUBLE)::BIGNUM + sum(CASE WHEN isfinite(v0::DOUBLE) AND NOT (abs(v0::DOUBLE) < '4194304'::DOUBLE AND v0::DOUBLE * '1099511627776'::DOUBLE = trunc(v0::DOUBLE * '1099511627776'::DOUBLE)) THEN (v0::DOUBLE * '7.1362384635298e+44'::DOUBLE)::BIGNUM END) FILTER (WHERE v1))::VARCHAR::DOUBLE * '1.401298464324817e-45'::DOUBLE END ELSE sum(v0::DOUBLE) FILTER (WHERE v1) END) AS FLOAT), CASE WHEN (CASE WHEN isfinite(coalesce(sum(v0::DOUBLE) FILTER (WHERE v1), 0)) THEN CASE WHEN sum(CASE WHEN isfinite(v0::DOUBLE) AND NOT (abs(v0::DOUBLE) < '4194304'::DOUBLE AND v0::DOUBLE * '1099511627776'::DOUBLE = trunc(v0::DOUBLE * '1099511627776'::DOUBLE)) THEN (v0::DOUBLE * '7.1362384635298e+44'::DOUBLE)::BIGNUM END) FILTER (WHERE v1) IS NULL THEN (coalesce(sum(CASE WHEN abs(v0::DOUBLE) < '4194304'::DOUBLE AND v0::DOUBLE * '1099511627776'::DOUBLE = trunc(v0::DOUBLE * '1099511627776'::DOUBLE) THEN (v0::DOUBLE * '1099511627776'::DOUBLE)::BIGINT END) FILTER (WHERE v1), 0)::HUGEINT)::VARCHAR::DOUBLE * '9.094947017729282e-13'::DOUBLE ELSE ((((coalesce(sum(CASE WHEN abs(v0::DOUBLE) < '4194304'::DOUBLE AND v0::DOUBLE * '1099511627776'::DOUBLE = trunc(v0::DOUBLE * '1099511627776'::DOUBLE) THEN (v0::DOUBLE * '1099511627776'::DOUBLE)::BIGINT END) FILTER (WHERE v1), 0)::HUGEINT - (coalesce(sum(CASE WHEN abs(v0::DOUBLE) < '4194304'::DOUBLE AND v0::DOUBLE * '1099511627776'::DOUBLE = trunc(v0::DOUBLE * '1099511627776'::DOUBLE) THEN (v0::DOUBLE * '1099511627776'::DOUBLE)::BIGINT END) FILTER (WHERE v1), 0)::HUGEINT & 1099511627775)) // 1099511627776)::DOUBLE * '7.1362384635298e+44'::DOUBLE)::BIGNUM + ((coalesce(sum(CASE WHEN abs(v0::DOUBLE) < '4194304'::DOUBLE AND v0::DOUBLE * '1099511627776'::DOUBLE = trunc(v0::DOUBLE * '1099511627776'::DOUBLE) THEN (v0::DOUBLE * '1099511627776'::DOUBLE)::BIGINT END) FILTER (WHERE v1), 0)::HUGEINT & 1099511627775)::DOUBLE * '6.490371073168535e+32'::DOUBLE)::BIGNUM + sum(CASE WHEN isfinite(v0::DOUBLE) AND NOT (abs(v0::DOUBLE) < '4194304'::DOUBLE AND v0::DOUBLE * '1099511627776'::DOUBLE = trunc(v0::DOUBLE * '1099511627776'::DOUBLE)) THEN (v0::DOUBLE * '7.1362384635298e+44'::DOUBLE)::BIGNUM END) FILTER (WHERE v1))::VARCHAR::DOUBLE * '1.401298464324817e-45'::DOUBLE END ELSE sum(v0::DOUBLE) FILTER (WHERE v1) END) > 0 THEN 'Infinity'::FLOAT ELSE '-Infinity'::FLOAT END) AS a1, ((((coalesce(sum(v2), 0)::HUGEINT - (coalesce(sum(v2), 0)::HUGEINT & 4294967295)) // 4294967296)::DOUBLE * 4294967296 + (coalesce(sum(v2), 0)::HUGEINT & 4294967295)::DOUBLE) / count(*)::DOUBLE) AS a2, coalesce(CASE WHEN bool_or(isnan(v0)) THEN 'NaN'::FLOAT WHEN min(v0) = 0 THEN CASE WHEN bool_or(v0 = 0 AND signbit(v0)) THEN '-0.0'::FLOAT ELSE min(v0) END ELSE min(v0) END, '0'::FLOAT) AS a3, coalesce(arg_min(v3, i0), '') AS a4, coalesce(bool_and(v1), true) AS a5, count(DISTINCT v3)::INTEGER AS a6
    FROM (
      SELECT c2 AS c0, c3 AS c1, c1 AS v0, c3 AS v1, c2 AS v2, c0 AS v3, i0
      FROM hsc_scan0
    )
    GROUP BY c0, c1
  )
)
ORDER BY i0, i1
-- first, by all threads
(
  SELECT c0, c1, a0 AS c2, CASE WHEN a2 IS NULL OR a2 = 0 OR isnan(a2) OR (try_cast(a1 - a2 * '3.552713678800501e-15'::DOUBLE AS FLOAT) = try_cast(a1 + a2 * '3.552713678800501e-15'::DOUBLE AS FLOAT) AND a1 <> 0 AND isfinite(a1 + a2 * '3.552713678800501e-15'::DOUBLE)) THEN coalesce(try_cast(coalesce(a1, 0) AS FLOAT), CASE WHEN coalesce(a1, 0) > 0 THEN 'Infinity'::FLOAT ELSE '-Infinity'::FLOAT END) ELSE error('unsure: the order of the rows tells')::FLOAT END AS c3, a3 AS c4, a4 AS c5, a5 AS c6, a6 AS c7, a7 AS c8, NOT c1 AS i0, c0 AS i1
  FROM (
    SELECT c0, c1, count(*)::INTEGER AS a0, fsum(v0) FILTER (WHERE v1) AS a1, sum(abs(v0)::DOUBLE) FILTER (WHERE v1) AS a2, ((((coalesce(sum(v2), 0)::HUGEINT - (coalesce(sum(v2), 0)::HUGEINT & 4294967295)) // 4294967296)::DOUBLE * 4294967296 + (coalesce(sum(v2), 0)::HUGEINT & 4294967295)::DOUBLE) / count(*)::DOUBLE) AS a3, coalesce(CASE WHEN bool_or(isnan(v0)) THEN 'NaN'::FLOAT WHEN min(v0) = 0 THEN CASE WHEN bool_or(v0 = 0 AND signbit(v0)) THEN '-0.0'::FLOAT ELSE min(v0) END ELSE min(v0) END, '0'::FLOAT) AS a4, coalesce(arg_min(v3, i0), '') AS a5, coalesce(bool_and(v1), true) AS a6, count(DISTINCT v3)::INTEGER AS a7
    FROM (
      SELECT c2 AS c0, c3 AS c1, c1 AS v0, c3 AS v1, c2 AS v2, c0 AS v3, i0
      FROM hsc_scan0
    )
    GROUP BY c0, c1
  )
)
-- first, by all threads
(
  SELECT c0, c1, a0 AS c2, CASE WHEN a1 IS NULL OR a1 = 0 OR NOT isfinite(a1) OR a1 * a2 <= '268435456'::DOUBLE OR (try_cast(a3 - a1 * sqrt(a1 * a2) * '4.440892098500626e-16'::DOUBLE AS FLOAT) = try_cast(a3 + a1 * sqrt(a1 * a2) * '4.440892098500626e-16'::DOUBLE AS FLOAT) AND a3 <> 0 AND isfinite(a3 + a1 * sqrt(a1 * a2) * '4.440892098500626e-16'::DOUBLE)) THEN coalesce(try_cast(coalesce(a3, 0) AS FLOAT), CASE WHEN coalesce(a3, 0) > 0 THEN 'Infinity'::FLOAT ELSE '-Infinity'::FLOAT END) ELSE error('unsure: the order of the rows tells')::FLOAT END AS c3, a4 AS c4, a5 AS c5, a6 AS c6, a7 AS c7, a8 AS c8, NOT c1 AS i0, c0 AS i1
  FROM (
    SELECT c0, c1, count(*)::INTEGER AS a0, sum(abs(v0)::DOUBLE) FILTER (WHERE v1) AS a1, sum((1::FLOAT / nullif(abs(v0), 0::FLOAT))::DOUBLE) FILTER (WHERE v1) AS a2, sum(v0::DOUBLE) FILTER (WHERE v1) AS a3, ((((coalesce(sum(v2), 0)::HUGEINT - (coalesce(sum(v2), 0)::HUGEINT & 4294967295)) // 4294967296)::DOUBLE * 4294967296 + (coalesce(sum(v2), 0)::HUGEINT & 4294967295)::DOUBLE) / count(*)::DOUBLE) AS a4, coalesce(CASE WHEN bool_or(isnan(v0)) THEN 'NaN'::FLOAT WHEN min(v0) = 0 THEN CASE WHEN bool_or(v0 = 0 AND signbit(v0)) THEN '-0.0'::FLOAT ELSE min(v0) END ELSE min(v0) END, '0'::FLOAT) AS a5, coalesce(arg_min(v3, i0), '') AS a6, coalesce(bool_and(v1), true) AS a7, count(DISTINCT v3)::INTEGER AS a8
    FROM (
      SELECT c2 AS c0, c3 AS c1, c1 AS v0, c3 AS v1, c2 AS v2, c0 AS v3, i0
      FROM hsc_scan0
    )
    GROUP BY c0, c1
  )
)

-- group of a join
(
  SELECT c0, a0 AS c1, c0 AS i0
  FROM (
    SELECT c0, coalesce(try_cast((CASE WHEN isfinite(coalesce(sum(v0::DOUBLE), 0)) THEN CASE WHEN sum(CASE WHEN isfinite(v0::DOUBLE) AND NOT (abs(v0::DOUBLE) < '4194304'::DOUBLE AND v0::DOUBLE * '1099511627776'::DOUBLE = trunc(v0::DOUBLE * '1099511627776'::DOUBLE)) THEN (v0::DOUBLE * '7.1362384635298e+44'::DOUBLE)::BIGNUM END) IS NULL THEN (coalesce(sum(CASE WHEN abs(v0::DOUBLE) < '4194304'::DOUBLE AND v0::DOUBLE * '1099511627776'::DOUBLE = trunc(v0::DOUBLE * '1099511627776'::DOUBLE) THEN (v0::DOUBLE * '1099511627776'::DOUBLE)::BIGINT END), 0)::HUGEINT)::VARCHAR::DOUBLE * '9.094947017729282e-13'::DOUBLE ELSE ((((coalesce(sum(CASE WHEN abs(v0::DOUBLE) < '4194304'::DOUBLE AND v0::DOUBLE * '1099511627776'::DOUBLE = trunc(v0::DOUBLE * '1099511627776'::DOUBLE) THEN (v0::DOUBLE * '1099511627776'::DOUBLE)::BIGINT END), 0)::HUGEINT - (coalesce(sum(CASE WHEN abs(v0::DOUBLE) < '4194304'::DOUBLE AND v0::DOUBLE * '1099511627776'::DOUBLE = trunc(v0::DOUBLE * '1099511627776'::DOUBLE) THEN (v0::DOUBLE * '1099511627776'::DOUBLE)::BIGINT END), 0)::HUGEINT & 1099511627775)) // 1099511627776)::DOUBLE * '7.1362384635298e+44'::DOUBLE)::BIGNUM + ((coalesce(sum(CASE WHEN abs(v0::DOUBLE) < '4194304'::DOUBLE AND v0::DOUBLE * '1099511627776'::DOUBLE = trunc(v0::DOUBLE * '1099511627776'::DOUBLE) THEN (v0::DOUBLE * '1099511627776'::DOUBLE)::BIGINT END), 0)::HUGEINT & 1099511627775)::DOUBLE * '6.490371073168535e+32'::DOUBLE)::BIGNUM + sum(CASE WHEN isfinite(v0::DOUBLE) AND NOT (abs(v0::DOUBLE) < '4194304'::DOUBLE AND v0::DOUBLE * '1099511627776'::DOUBLE = trunc(v0::DOUBLE * '1099511627776'::DOUBLE)) THEN (v0::DOUBLE * '7.1362384635298e+44'::DOUBLE)::BIGNUM END))::VARCHAR::DOUBLE * '1.401298464324817e-45'::DOUBLE END ELSE sum(v0::DOUBLE) END) AS FLOAT), CASE WHEN (CASE WHEN isfinite(coalesce(sum(v0::DOUBLE), 0)) THEN CASE WHEN sum(CASE WHEN isfinite(v0::DOUBLE) AND NOT (abs(v0::DOUBLE) < '4194304'::DOUBLE AND v0::DOUBLE * '1099511627776'::DOUBLE = trunc(v0::DOUBLE * '1099511627776'::DOUBLE)) THEN (v0::DOUBLE * '7.1362384635298e+44'::DOUBLE)::BIGNUM END) IS NULL THEN (coalesce(sum(CASE WHEN abs(v0::DOUBLE) < '4194304'::DOUBLE AND v0::DOUBLE * '1099511627776'::DOUBLE = trunc(v0::DOUBLE * '1099511627776'::DOUBLE) THEN (v0::DOUBLE * '1099511627776'::DOUBLE)::BIGINT END), 0)::HUGEINT)::VARCHAR::DOUBLE * '9.094947017729282e-13'::DOUBLE ELSE ((((coalesce(sum(CASE WHEN abs(v0::DOUBLE) < '4194304'::DOUBLE AND v0::DOUBLE * '1099511627776'::DOUBLE = trunc(v0::DOUBLE * '1099511627776'::DOUBLE) THEN (v0::DOUBLE * '1099511627776'::DOUBLE)::BIGINT END), 0)::HUGEINT - (coalesce(sum(CASE WHEN abs(v0::DOUBLE) < '4194304'::DOUBLE AND v0::DOUBLE * '1099511627776'::DOUBLE = trunc(v0::DOUBLE * '1099511627776'::DOUBLE) THEN (v0::DOUBLE * '1099511627776'::DOUBLE)::BIGINT END), 0)::HUGEINT & 1099511627775)) // 1099511627776)::DOUBLE * '7.1362384635298e+44'::DOUBLE)::BIGNUM + ((coalesce(sum(CASE WHEN abs(v0::DOUBLE) < '4194304'::DOUBLE AND v0::DOUBLE * '1099511627776'::DOUBLE = trunc(v0::DOUBLE * '1099511627776'::DOUBLE) THEN (v0::DOUBLE * '1099511627776'::DOUBLE)::BIGINT END), 0)::HUGEINT & 1099511627775)::DOUBLE * '6.490371073168535e+32'::DOUBLE)::BIGNUM + sum(CASE WHEN isfinite(v0::DOUBLE) AND NOT (abs(v0::DOUBLE) < '4194304'::DOUBLE AND v0::DOUBLE * '1099511627776'::DOUBLE = trunc(v0::DOUBLE * '1099511627776'::DOUBLE)) THEN (v0::DOUBLE * '7.1362384635298e+44'::DOUBLE)::BIGNUM END))::VARCHAR::DOUBLE * '1.401298464324817e-45'::DOUBLE END ELSE sum(v0::DOUBLE) END) > 0 THEN 'Infinity'::FLOAT ELSE '-Infinity'::FLOAT END) AS a0
    FROM (
      SELECT c0 AS c0, c4 AS v0, i0, i1
      FROM (
        SELECT l.c0 AS c0, l.c1 AS c1, l.c2 AS c2, l.c3 AS c3, r.c1 AS c4, l.i0 AS i0, r.i0 AS i1
        FROM hsc_scan0 AS l
        INNER JOIN (
          SELECT c0 AS c0, c1 AS c1, i0
          FROM hsc_scan1
        ) AS r ON l.c0 = r.c0
      )
    )
    GROUP BY c0
  )
)
ORDER BY i0
-- first, by all threads
(
  SELECT c0, CASE WHEN a1 IS NULL OR a1 = 0 OR isnan(a1) OR (try_cast(a0 - a1 * '3.552713678800501e-15'::DOUBLE AS FLOAT) = try_cast(a0 + a1 * '3.552713678800501e-15'::DOUBLE AS FLOAT) AND a0 <> 0 AND isfinite(a0 + a1 * '3.552713678800501e-15'::DOUBLE)) THEN coalesce(try_cast(coalesce(a0, 0) AS FLOAT), CASE WHEN coalesce(a0, 0) > 0 THEN 'Infinity'::FLOAT ELSE '-Infinity'::FLOAT END) ELSE error('unsure: the order of the rows tells')::FLOAT END AS c1, c0 AS i0
  FROM (
    SELECT c0, fsum(v0) AS a0, sum(abs(v0)::DOUBLE) AS a1
    FROM (
      SELECT c0 AS c0, c4 AS v0, i0, i1
      FROM (
        SELECT l.c0 AS c0, l.c1 AS c1, l.c2 AS c2, l.c3 AS c3, r.c1 AS c4, l.i0 AS i0, r.i0 AS i1
        FROM hsc_scan0 AS l
        INNER JOIN (
          SELECT c0 AS c0, c1 AS c1, i0
          FROM hsc_scan1
        ) AS r ON l.c0 = r.c0
      )
    )
    GROUP BY c0
  )
)
-- first, by all threads
(
  SELECT c0, CASE WHEN a0 IS NULL OR a0 = 0 OR NOT isfinite(a0) OR a0 * a1 <= '268435456'::DOUBLE OR (try_cast(a2 - a0 * sqrt(a0 * a1) * '4.440892098500626e-16'::DOUBLE AS FLOAT) = try_cast(a2 + a0 * sqrt(a0 * a1) * '4.440892098500626e-16'::DOUBLE AS FLOAT) AND a2 <> 0 AND isfinite(a2 + a0 * sqrt(a0 * a1) * '4.440892098500626e-16'::DOUBLE)) THEN coalesce(try_cast(coalesce(a2, 0) AS FLOAT), CASE WHEN coalesce(a2, 0) > 0 THEN 'Infinity'::FLOAT ELSE '-Infinity'::FLOAT END) ELSE error('unsure: the order of the rows tells')::FLOAT END AS c1, c0 AS i0
  FROM (
    SELECT c0, sum(abs(v0)::DOUBLE) AS a0, sum((1::FLOAT / nullif(abs(v0), 0::FLOAT))::DOUBLE) AS a1, sum(v0::DOUBLE) AS a2
    FROM (
      SELECT c0 AS c0, c4 AS v0, i0, i1
      FROM (
        SELECT l.c0 AS c0, l.c1 AS c1, l.c2 AS c2, l.c3 AS c3, r.c1 AS c4, l.i0 AS i0, r.i0 AS i1
        FROM hsc_scan0 AS l
        INNER JOIN (
          SELECT c0 AS c0, c1 AS c1, i0
          FROM hsc_scan1
        ) AS r ON l.c0 = r.c0
      )
    )
    GROUP BY c0
  )
)

-- flat of the lists of a group
(
  SELECT e AS c0, i0, i1
  FROM (
    SELECT unnest(c1) AS e, i0, unnest(range(len(c1))) AS i1
    FROM (
      SELECT c0, a0 AS c1, c0 AS i0
      FROM (
        SELECT c0, coalesce(flatten(list(v0) FILTER (WHERE v1)), []::VARCHAR[]) AS a0
        FROM (
          SELECT c0 AS c0, [c0, c0]::VARCHAR[] AS v0, c3 AS v1, i0
          FROM hsc_scan0
        )
        GROUP BY c0
      )
    )
  )
)
ORDER BY i0, i1
-- by one thread

-- group without keys
(
  SELECT a0 AS c0, 0::BIGINT AS i0
  FROM (
    SELECT count(*)::INTEGER AS a0
    FROM (
      SELECT i0
      FROM hsc_scan0
    )
  )
)

-- distinct
(
  SELECT c0, c1, c2, c3, i0
  FROM hsc_scan0
  QUALIFY greatest(row_number() OVER (PARTITION BY c1 + 0::FLOAT ORDER BY i0), 1) = 1
)
ORDER BY i0

-- sort
(
  SELECT c0, c1, c2, c3, i0, c0 AS k0
  FROM hsc_scan0
)
ORDER BY k0 DESC, i0
-- i0 is the identity

-- first of a sort
(
  SELECT c0, c1, c2, c3, i0, k0
  FROM (
    SELECT c0, c1, c2, c3, i0, c0 AS k0
    FROM hsc_scan0
  )
  ORDER BY k0 DESC, i0
  LIMIT 10
)
ORDER BY k0 DESC, i0
-- i0 is the identity

-- union
(
  SELECT c0, c1, c2, c3, 0 AS i0, i0 AS i1
  FROM hsc_scan0
  UNION ALL
  SELECT c0, c1, c2, c3, 1 AS i0, i0 AS i1
  FROM (
    SELECT c0, c1, c2, c3, i0
    FROM hsc_scan0
    WHERE c3
  )
)
ORDER BY i0, i1

-- take
(
  SELECT c0, c1, c2, c3, i0
  FROM hsc_scan0
  LIMIT 10
)
-- i0 is the identity

-- number
(
  SELECT c0, c1, c2, c3, row_number() OVER () - 1 AS c4, i0
  FROM hsc_scan0
)

-- window
(
  SELECT c0, c1::FLOAT[3] AS c1, i0
  FROM (
    SELECT c0, list(c1) OVER (PARTITION BY c0 ORDER BY i0 ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING) AS c1, i0, row_number() OVER (PARTITION BY c0 ORDER BY i0) - 1 AS p, count(*) OVER (PARTITION BY c0 ) AS n
    FROM (
      SELECT c0 AS c0, c1 AS c1, i0
      FROM hsc_scan0
    )
  )
  WHERE p % 2 = 0 AND p + 3 <= n
)
ORDER BY i0

-- word of the identity
(
  SELECT c0, c1, c2, c3, t7 AS c4, i0
  FROM (
    SELECT *, xor(t6, t6 >> 16) AS t7
    FROM (
      SELECT *, (xor(t5, t5 >> 16) * 73244475) & 4294967295 AS t6
      FROM (
        SELECT *, (xor(t4, t4 >> 16) * 73244475) & 4294967295 AS t5
        FROM (
          SELECT *, xor(xor(t3, (i0 >> 32)), getvariable('hsc_b0')) AS t4
          FROM (
            SELECT *, xor(t2, t2 >> 16) AS t3
            FROM (
              SELECT *, (xor(t1, t1 >> 16) * 73244475) & 4294967295 AS t2
              FROM (
                SELECT *, (xor(t0, t0 >> 16) * 73244475) & 4294967295 AS t1
                FROM (
                  SELECT *, xor((i0 & 4294967295), getvariable('hsc_a0')) AS t0
                  FROM hsc_scan0
                )
              )
            )
          )
        )
      )
    )
  )
)

-- split by identity
(
  SELECT c0, c1, c2, c3, i0
  FROM (
    SELECT *, xor(t6, t6 >> 16) AS t7
    FROM (
      SELECT *, (xor(t5, t5 >> 16) * 73244475) & 4294967295 AS t6
      FROM (
        SELECT *, (xor(t4, t4 >> 16) * 73244475) & 4294967295 AS t5
        FROM (
          SELECT *, xor(xor(t3, (i0 >> 32)), getvariable('hsc_b0')) AS t4
          FROM (
            SELECT *, xor(t2, t2 >> 16) AS t3
            FROM (
              SELECT *, (xor(t1, t1 >> 16) * 73244475) & 4294967295 AS t2
              FROM (
                SELECT *, (xor(t0, t0 >> 16) * 73244475) & 4294967295 AS t1
                FROM (
                  SELECT *, xor((i0 & 4294967295), getvariable('hsc_a0')) AS t0
                  FROM hsc_scan0
                )
              )
            )
          )
        )
      )
    )
  )
  WHERE t7 >= 0 AND t7 < 2147483648
)
-- i0 is the identity

-- split by a string
(
  SELECT c0, c1, c2, c3, i0
  FROM (
    SELECT *, xor(t6, t6 >> 16) AS t7
    FROM (
      SELECT *, (xor(t5, t5 >> 16) * 73244475) & 4294967295 AS t6
      FROM (
        SELECT *, (xor(t4, t4 >> 16) * 73244475) & 4294967295 AS t5
        FROM (
          SELECT *, xor(xor(t3, ('0x' || md5(c0)[1:8])::BIGINT), getvariable('hsc_b0')) AS t4
          FROM (
            SELECT *, xor(t2, t2 >> 16) AS t3
            FROM (
              SELECT *, (xor(t1, t1 >> 16) * 73244475) & 4294967295 AS t2
              FROM (
                SELECT *, (xor(t0, t0 >> 16) * 73244475) & 4294967295 AS t1
                FROM (
                  SELECT *, xor(('0x' || md5(c0)[9:16])::BIGINT, getvariable('hsc_a0')) AS t0
                  FROM hsc_scan0
                )
              )
            )
          )
        )
      )
    )
  )
  WHERE t7 >= 0 AND t7 < 2147483648
)
-- i0 is the identity

-- shuffle of what was filtered
(
  SELECT c0, c1, c2, c3, i0, t7 AS k0
  FROM (
    SELECT *, xor(t6, t6 >> 16) AS t7
    FROM (
      SELECT *, (xor(t5, t5 >> 16) * 73244475) & 4294967295 AS t6
      FROM (
        SELECT *, (xor(t4, t4 >> 16) * 73244475) & 4294967295 AS t5
        FROM (
          SELECT *, xor(xor(t3, (i0 >> 32)), getvariable('hsc_b0')) AS t4
          FROM (
            SELECT *, xor(t2, t2 >> 16) AS t3
            FROM (
              SELECT *, (xor(t1, t1 >> 16) * 73244475) & 4294967295 AS t2
              FROM (
                SELECT *, (xor(t0, t0 >> 16) * 73244475) & 4294967295 AS t1
                FROM (
                  SELECT *, xor((i0 & 4294967295), getvariable('hsc_a0')) AS t0
                  FROM (
                    SELECT c0, c1, c2, c3, i0
                    FROM hsc_scan0
                    WHERE (length(c0)::INTEGER > 3::INTEGER)
                  )
                )
              )
            )
          )
        )
      )
    )
  )
)
ORDER BY k0, i0
-- i0 is the identity
