-- neg(i32) i32
((((-(c0::BIGINT)) + 2147483648) & 4294967295) - 2147483648)::INTEGER
-- neg(i64) i64
((((-(c0::HUGEINT))::HUGEINT + 9223372036854775808) & 18446744073709551615) - 9223372036854775808)::BIGINT
-- neg(f32) f32
(-c0)
-- neg(f64) f64
(-c0)
-- add(i32, i32) i32
((((c0::BIGINT + c1::BIGINT) + 2147483648) & 4294967295) - 2147483648)::INTEGER
-- add(i64, i64) i64
((((c0::HUGEINT + c1::HUGEINT)::HUGEINT + 9223372036854775808) & 18446744073709551615) - 9223372036854775808)::BIGINT
-- add(f32, f32) f32
(c0 + c1)
-- add(f64, f64) f64
(c0 + c1)
-- sub(i32, i32) i32
((((c0::BIGINT - c1::BIGINT) + 2147483648) & 4294967295) - 2147483648)::INTEGER
-- sub(i64, i64) i64
((((c0::HUGEINT - c1::HUGEINT)::HUGEINT + 9223372036854775808) & 18446744073709551615) - 9223372036854775808)::BIGINT
-- sub(f32, f32) f32
(c0 - c1)
-- sub(f64, f64) f64
(c0 - c1)
-- mul(i32, i32) i32
((((c0::BIGINT * c1::BIGINT) + 2147483648) & 4294967295) - 2147483648)::INTEGER
-- mul(i64, i64) i64
((((c0::HUGEINT * c1::HUGEINT)::HUGEINT + 9223372036854775808) & 18446744073709551615) - 9223372036854775808)::BIGINT
-- mul(f32, f32) f32
(c0 * c1)
-- mul(f64, f64) f64
(c0 * c1)
-- div(f32, f32) f32
(c0 / c1)
-- div(f64, f64) f64
(c0 / c1)
-- mod(i32, i32) i32
((((coalesce(((c0::BIGINT % c1::BIGINT) + c1::BIGINT) % c1::BIGINT, 0)) + 2147483648) & 4294967295) - 2147483648)::INTEGER
-- mod(i64, i64) i64
((((coalesce(((c0::HUGEINT % c1::HUGEINT) + c1::HUGEINT) % c1::HUGEINT, 0))::HUGEINT + 9223372036854775808) & 18446744073709551615) - 9223372036854775808)::BIGINT
-- mod(f32, f32) f32
CASE WHEN t0 <> 0 AND (t0 < 0) <> (c1 < 0) THEN t0 + c1 ELSE t0 END AS c0, i0
  FROM (
    SELECT *, (c0 % c1) AS t0
    FROM hsc_scan0
  )
)
-- mod(f64, f64) f64
CASE WHEN t0 <> 0 AND (t0 < 0) <> (c1 < 0) THEN t0 + c1 ELSE t0 END AS c0, i0
  FROM (
    SELECT *, (c0 % c1) AS t0
    FROM hsc_scan0
  )
)
-- floordiv(i32, i32) i32
((((coalesce((c0::BIGINT - coalesce(((c0::BIGINT % c1::BIGINT) + c1::BIGINT) % c1::BIGINT, 0)) // c1::BIGINT, c0::BIGINT)) + 2147483648) & 4294967295) - 2147483648)::INTEGER
-- floordiv(i64, i64) i64
((((coalesce((c0::HUGEINT - coalesce(((c0::HUGEINT % c1::HUGEINT) + c1::HUGEINT) % c1::HUGEINT, 0)) // c1::HUGEINT, c0::HUGEINT))::HUGEINT + 9223372036854775808) & 18446744073709551615) - 9223372036854775808)::BIGINT
-- floordiv(f32, f32) f32
floor(c0 / c1)
-- floordiv(f64, f64) f64
floor(c0 / c1)
-- pow(i32, i32) i32
CASE WHEN isnan(t0) THEN 0 ELSE greatest(least(trunc(t0::DOUBLE), 2147483647), -2147483648)::INTEGER END AS c0, i0
  FROM (
    SELECT *, round_even(CASE WHEN c1::DOUBLE = 0 THEN 1 WHEN abs(c0::DOUBLE) = 1 AND NOT isfinite(c1::DOUBLE) THEN 'NaN'::DOUBLE ELSE pow(c0::DOUBLE, c1::DOUBLE) END, 0) AS t0
    FROM hsc_scan0
  )
)
-- pow(i64, i64) i64
CASE WHEN isnan(t0) THEN 0 WHEN t0 >= '9223372036854776000'::DOUBLE THEN 9223372036854775807 WHEN t0 < '-9223372036854776000'::DOUBLE THEN ('-9223372036854775808'::BIGINT) ELSE coalesce(try_cast(trunc(t0::DOUBLE) AS BIGINT), 0) END AS c0, i0
  FROM (
    SELECT *, round_even(CASE WHEN c1::DOUBLE = 0 THEN 1 WHEN abs(c0::DOUBLE) = 1 AND NOT isfinite(c1::DOUBLE) THEN 'NaN'::DOUBLE ELSE pow(c0::DOUBLE, c1::DOUBLE) END, 0) AS t0
    FROM hsc_scan0
  )
)
-- pow(f32, f32) f32
coalesce(try_cast(t0 AS FLOAT), CASE WHEN t0 > 0 THEN 'Infinity'::FLOAT ELSE '-Infinity'::FLOAT END) AS c0, i0
  FROM (
    SELECT *, CASE WHEN c1::DOUBLE = 0 THEN 1 WHEN abs(c0::DOUBLE) = 1 AND NOT isfinite(c1::DOUBLE) THEN 'NaN'::DOUBLE ELSE pow(c0::DOUBLE, c1::DOUBLE) END AS t0
    FROM hsc_scan0
  )
)
-- pow(f64, f64) f64
CASE WHEN c1 = 0 THEN 1 WHEN abs(c0) = 1 AND NOT isfinite(c1) THEN 'NaN'::DOUBLE ELSE pow(c0, c1) END
-- eq(bool, bool) bool
(c0 = c1)
-- eq(i32, i32) bool
(c0 = c1)
-- eq(i64, i64) bool
(c0 = c1)
-- eq(f32, f32) bool
((c0 = c1) AND NOT isnan(c0))
-- eq(f64, f64) bool
((c0 = c1) AND NOT isnan(c0))
-- eq(string, string) bool
(c0 = c1)
-- eq(time, time) bool
(c0 = c1)
-- ne(bool, bool) bool
(c0 <> c1)
-- ne(i32, i32) bool
(c0 <> c1)
-- ne(i64, i64) bool
(c0 <> c1)
-- ne(f32, f32) bool
(c0 <> c1 OR isnan(c0))
-- ne(f64, f64) bool
(c0 <> c1 OR isnan(c0))
-- ne(string, string) bool
(c0 <> c1)
-- ne(time, time) bool
(c0 <> c1)
-- lt(i32, i32) bool
(c0 < c1)
-- lt(i64, i64) bool
(c0 < c1)
-- lt(f32, f32) bool
((c0 < c1) AND NOT isnan(c1))
-- lt(f64, f64) bool
((c0 < c1) AND NOT isnan(c1))
-- lt(string, string) bool
(c0 < c1)
-- lt(time, time) bool
(c0 < c1)
-- le(i32, i32) bool
(c0 <= c1)
-- le(i64, i64) bool
(c0 <= c1)
-- le(f32, f32) bool
((c0 <= c1) AND NOT isnan(c1))
-- le(f64, f64) bool
((c0 <= c1) AND NOT isnan(c1))
-- le(string, string) bool
(c0 <= c1)
-- le(time, time) bool
(c0 <= c1)
-- gt(i32, i32) bool
(c0 > c1)
-- gt(i64, i64) bool
(c0 > c1)
-- gt(f32, f32) bool
((c0 > c1) AND NOT isnan(c0))
-- gt(f64, f64) bool
((c0 > c1) AND NOT isnan(c0))
-- gt(string, string) bool
(c0 > c1)
-- gt(time, time) bool
(c0 > c1)
-- ge(i32, i32) bool
(c0 >= c1)
-- ge(i64, i64) bool
(c0 >= c1)
-- ge(f32, f32) bool
((c0 >= c1) AND NOT isnan(c0))
-- ge(f64, f64) bool
((c0 >= c1) AND NOT isnan(c0))
-- ge(string, string) bool
(c0 >= c1)
-- ge(time, time) bool
(c0 >= c1)
-- and(bool, bool) bool
(c0 AND c1)
-- or(bool, bool) bool
(c0 OR c1)
-- not(bool) bool
(NOT c0)
-- where(bool, bool, bool) bool
CASE WHEN c0 THEN c1 ELSE c2 END
-- where(bool, i32, i32) i32
CASE WHEN c0 THEN c1 ELSE c2 END
-- where(bool, i64, i64) i64
CASE WHEN c0 THEN c1 ELSE c2 END
-- where(bool, f32, f32) f32
CASE WHEN c0 THEN c1 ELSE c2 END
-- where(bool, f64, f64) f64
CASE WHEN c0 THEN c1 ELSE c2 END
-- where(bool, string, string) string
CASE WHEN c0 THEN c1 ELSE c2 END
-- where(bool, time, time) time
CASE WHEN c0 THEN c1 ELSE c2 END
-- cast(bool) bool
c0
-- cast(bool) i32
c0::INTEGER
-- cast(bool) i64
c0::BIGINT
-- cast(bool) f32
c0::FLOAT
-- cast(bool) f64
c0::DOUBLE
-- cast(i32) bool
(c0 <> 0)
-- cast(i32) i32
c0
-- cast(i32) i64
c0::BIGINT
-- cast(i32) f32
c0::FLOAT
-- cast(i32) f64
c0::DOUBLE
-- cast(i64) bool
(c0 <> 0)
-- cast(i64) i32
((((c0 & 4294967295) + 2147483648) & 4294967295) - 2147483648)::INTEGER
-- cast(i64) i64
c0
-- cast(i64) f32
c0::FLOAT
-- cast(i64) f64
c0::DOUBLE
-- cast(f32) bool
(c0 <> 0)
-- cast(f32) i32
CASE WHEN isnan(c0) THEN 0 ELSE greatest(least(trunc(c0::DOUBLE), 2147483647), -2147483648)::INTEGER END
-- cast(f32) i64
CASE WHEN isnan(c0) THEN 0 WHEN c0 >= '9223372036854776000'::DOUBLE THEN 9223372036854775807 WHEN c0 < '-9223372036854776000'::DOUBLE THEN ('-9223372036854775808'::BIGINT) ELSE coalesce(try_cast(trunc(c0::DOUBLE) AS BIGINT), 0) END
-- cast(f32) f32
c0
-- cast(f32) f64
c0::DOUBLE
-- cast(f64) bool
(c0 <> 0)
-- cast(f64) i32
CASE WHEN isnan(c0) THEN 0 ELSE greatest(least(trunc(c0::DOUBLE), 2147483647), -2147483648)::INTEGER END
-- cast(f64) i64
CASE WHEN isnan(c0) THEN 0 WHEN c0 >= '9223372036854776000'::DOUBLE THEN 9223372036854775807 WHEN c0 < '-9223372036854776000'::DOUBLE THEN ('-9223372036854775808'::BIGINT) ELSE coalesce(try_cast(trunc(c0::DOUBLE) AS BIGINT), 0) END
-- cast(f64) f32
coalesce(try_cast(c0 AS FLOAT), CASE WHEN c0 > 0 THEN 'Infinity'::FLOAT ELSE '-Infinity'::FLOAT END)
-- cast(f64) f64
c0
-- abs(i32) i32
((((abs(c0::BIGINT)) + 2147483648) & 4294967295) - 2147483648)::INTEGER
-- abs(i64) i64
((((abs(c0::HUGEINT))::HUGEINT + 9223372036854775808) & 18446744073709551615) - 9223372036854775808)::BIGINT
-- abs(f32) f32
CASE WHEN signbit(c0) THEN -c0 ELSE c0 END
-- abs(f64) f64
CASE WHEN signbit(c0) THEN -c0 ELSE c0 END
-- sign(i32) i32
sign(c0)::INTEGER
-- sign(i64) i64
sign(c0)::BIGINT
-- sign(f32) f32
CASE WHEN isnan(c0) OR c0 = 0 THEN c0 WHEN c0 > 0 THEN '1'::FLOAT ELSE '-1'::FLOAT END
-- sign(f64) f64
CASE WHEN isnan(c0) OR c0 = 0 THEN c0 WHEN c0 > 0 THEN '1'::DOUBLE ELSE '-1'::DOUBLE END
-- floor(i32) i32
c0
-- floor(i64) i64
c0
-- floor(f32) f32
floor(c0)
-- floor(f64) f64
floor(c0)
-- ceil(i32) i32
c0
-- ceil(i64) i64
c0
-- ceil(f32) f32
ceil(c0)
-- ceil(f64) f64
ceil(c0)
-- round(i32) i32
c0
-- round(i64) i64
c0
-- round(f32) f32
round_even(c0, 0)
-- round(f64) f64
round_even(c0, 0)
-- exp(f32) f32
coalesce(try_cast(t0 AS FLOAT), CASE WHEN t0 > 0 THEN 'Infinity'::FLOAT ELSE '-Infinity'::FLOAT END) AS c0, i0
  FROM (
    SELECT *, exp(c0::DOUBLE) AS t0
    FROM hsc_scan0
  )
)
-- exp(f64) f64
exp(c0)
-- log(f32) f32
coalesce(try_cast(t0 AS FLOAT), CASE WHEN t0 > 0 THEN 'Infinity'::FLOAT ELSE '-Infinity'::FLOAT END) AS c0, i0
  FROM (
    SELECT *, CASE WHEN c0::DOUBLE = 0 THEN '-Infinity'::DOUBLE ELSE ln(CASE WHEN c0::DOUBLE > 0 THEN c0::DOUBLE ELSE 'NaN'::DOUBLE END) END AS t0
    FROM hsc_scan0
  )
)
-- log(f64) f64
CASE WHEN c0 = 0 THEN '-Infinity'::DOUBLE ELSE ln(CASE WHEN c0 > 0 THEN c0 ELSE 'NaN'::DOUBLE END) END
-- log1p(f32) f32
coalesce(try_cast(t1 AS FLOAT), CASE WHEN t1 > 0 THEN 'Infinity'::FLOAT ELSE '-Infinity'::FLOAT END) AS c0, i0
  FROM (
    SELECT *, CASE WHEN t0 = 1 THEN c0::DOUBLE WHEN t0 = 0 THEN '-Infinity'::DOUBLE WHEN isinf(t0) THEN ln(CASE WHEN t0 > 0 THEN t0 ELSE 'NaN'::DOUBLE END) ELSE ln(CASE WHEN t0 > 0 THEN t0 ELSE 'NaN'::DOUBLE END) * (c0::DOUBLE / (t0 - 1)) END AS t1
    FROM (
      SELECT *, 1 + c0::DOUBLE AS t0
      FROM hsc_scan0
    )
  )
)
-- log1p(f64) f64
CASE WHEN t0 = 1 THEN c0 WHEN t0 = 0 THEN '-Infinity'::DOUBLE WHEN isinf(t0) THEN ln(CASE WHEN t0 > 0 THEN t0 ELSE 'NaN'::DOUBLE END) ELSE ln(CASE WHEN t0 > 0 THEN t0 ELSE 'NaN'::DOUBLE END) * (c0 / (t0 - 1)) END AS c0, i0
  FROM (
    SELECT *, 1 + c0 AS t0
    FROM hsc_scan0
  )
)
-- expm1(f32) f32
coalesce(try_cast(t1 AS FLOAT), CASE WHEN t1 > 0 THEN 'Infinity'::FLOAT ELSE '-Infinity'::FLOAT END) AS c0, i0
  FROM (
    SELECT *, CASE WHEN t0 = 1 THEN c0::DOUBLE WHEN t0 - 1 = -1 THEN -1 WHEN isinf(t0) THEN t0 ELSE (t0 - 1) * (c0::DOUBLE / ln(t0)) END AS t1
    FROM (
      SELECT *, exp(c0::DOUBLE) AS t0
      FROM hsc_scan0
    )
  )
)
-- expm1(f64) f64
CASE WHEN t0 = 1 THEN c0 WHEN t0 - 1 = -1 THEN -1 WHEN isinf(t0) THEN t0 ELSE (t0 - 1) * (c0 / ln(t0)) END AS c0, i0
  FROM (
    SELECT *, exp(c0) AS t0
    FROM hsc_scan0
  )
)
-- sqrt(f32) f32
coalesce(try_cast(t0 AS FLOAT), CASE WHEN t0 > 0 THEN 'Infinity'::FLOAT ELSE '-Infinity'::FLOAT END) AS c0, i0
  FROM (
    SELECT *, sqrt(CASE WHEN c0::DOUBLE < 0 THEN 'NaN'::DOUBLE ELSE c0::DOUBLE END) AS t0
    FROM hsc_scan0
  )
)
-- sqrt(f64) f64
sqrt(CASE WHEN c0 < 0 THEN 'NaN'::DOUBLE ELSE c0 END)
-- sin(f32) f32
coalesce(try_cast(t0 AS FLOAT), CASE WHEN t0 > 0 THEN 'Infinity'::FLOAT ELSE '-Infinity'::FLOAT END) AS c0, i0
  FROM (
    SELECT *, sin(CASE WHEN isinf(c0::DOUBLE) THEN 'NaN'::DOUBLE ELSE c0::DOUBLE END) AS t0
    FROM hsc_scan0
  )
)
-- sin(f64) f64
sin(CASE WHEN isinf(c0) THEN 'NaN'::DOUBLE ELSE c0 END)
-- cos(f32) f32
coalesce(try_cast(t0 AS FLOAT), CASE WHEN t0 > 0 THEN 'Infinity'::FLOAT ELSE '-Infinity'::FLOAT END) AS c0, i0
  FROM (
    SELECT *, cos(CASE WHEN isinf(c0::DOUBLE) THEN 'NaN'::DOUBLE ELSE c0::DOUBLE END) AS t0
    FROM hsc_scan0
  )
)
-- cos(f64) f64
cos(CASE WHEN isinf(c0) THEN 'NaN'::DOUBLE ELSE c0 END)
-- tanh(f32) f32
coalesce(try_cast(t0 AS FLOAT), CASE WHEN t0 > 0 THEN 'Infinity'::FLOAT ELSE '-Infinity'::FLOAT END) AS c0, i0
  FROM (
    SELECT *, tanh(c0::DOUBLE) AS t0
    FROM hsc_scan0
  )
)
-- tanh(f64) f64
tanh(c0)
-- minimum(i32, i32) i32
least(c0, c1)
-- minimum(i64, i64) i64
least(c0, c1)
-- minimum(f32, f32) f32
CASE WHEN isnan(c0) THEN c0 WHEN isnan(c1) THEN c1 WHEN c0 < c1 THEN c0 WHEN c1 < c0 THEN c1 WHEN signbit(c0) THEN c0 ELSE c1 END
-- minimum(f64, f64) f64
CASE WHEN isnan(c0) THEN c0 WHEN isnan(c1) THEN c1 WHEN c0 < c1 THEN c0 WHEN c1 < c0 THEN c1 WHEN signbit(c0) THEN c0 ELSE c1 END
-- maximum(i32, i32) i32
greatest(c0, c1)
-- maximum(i64, i64) i64
greatest(c0, c1)
-- maximum(f32, f32) f32
CASE WHEN isnan(c0) THEN c0 WHEN isnan(c1) THEN c1 WHEN c0 > c1 THEN c0 WHEN c1 > c0 THEN c1 WHEN signbit(c0) THEN c1 ELSE c0 END
-- maximum(f64, f64) f64
CASE WHEN isnan(c0) THEN c0 WHEN isnan(c1) THEN c1 WHEN c0 > c1 THEN c0 WHEN c1 > c0 THEN c1 WHEN signbit(c0) THEN c1 ELSE c0 END
-- isnan(i32) bool
false
-- isnan(i64) bool
false
-- isnan(f32) bool
isnan(c0)
-- isnan(f64) bool
isnan(c0)
-- join_text(string, string) string
(c0 || c1)
-- lower(string) string
lower(c0)
-- upper(string) string
upper(c0)
-- trim(string) string
trim(c0, ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13))
-- replace(string) string
regexp_replace(c0, '(?:é|b)$', '$1', 'g')
-- matches(string) bool
regexp_matches(c0, '(?:é|b)$')
-- contains(string, string) bool
contains(c0, c1)
-- starts_with(string, string) bool
starts_with(c0, c1)
-- length(string) i32
length(c0)::INTEGER
-- substring(string, i32, i32) string
substring(c0, greatest(c1, 0)::BIGINT + 1, greatest(c2, 0)::BIGINT)
-- hash(string) i32
(('0x' || md5(c0)[1:16])::UBIGINT % 387)::INTEGER
-- string(bool) string
c0::VARCHAR
-- string(i32) string
c0::VARCHAR
-- string(i64) string
c0::VARCHAR
-- string(f32) string
CASE WHEN isnan(c0) THEN 'nan' WHEN isinf(c0) THEN CASE WHEN c0 > 0 THEN 'inf' ELSE '-inf' END WHEN c0 = 0 THEN CASE WHEN signbit(c0) THEN '-0' ELSE '0' END WHEN abs(c0) < 2147483648 AND trunc(c0) = c0 THEN c0::DOUBLE::BIGINT::VARCHAR WHEN t2 BETWEEN 16 AND 20 THEN CASE WHEN c0 < 0 THEN '-' ELSE '' END || rpad(t1, t2 + 1, '0') WHEN t2 BETWEEN -6 AND -5 THEN CASE WHEN c0 < 0 THEN '-' ELSE '' END || '0.' || repeat('0', -t2 - 1) || t1 ELSE regexp_replace(regexp_replace(t0, 'e([-+])0', 'e\1'), '\.0$', '') END AS c0, i0
  FROM (
    SELECT *, replace(regexp_extract(t0, '^-?([0-9.]+)', 1), '.', '') AS t1, try_cast(regexp_extract(t0, 'e([-+][0-9]+)$', 1) AS INTEGER) AS t2
    FROM (
      SELECT *, c0::VARCHAR AS t0
      FROM hsc_scan0
    )
  )
)
-- string(f64) string
CASE WHEN isnan(c0) THEN 'nan' WHEN isinf(c0) THEN CASE WHEN c0 > 0 THEN 'inf' ELSE '-inf' END WHEN c0 = 0 THEN CASE WHEN signbit(c0) THEN '-0' ELSE '0' END WHEN abs(c0) < 2147483648 AND trunc(c0) = c0 THEN c0::BIGINT::VARCHAR WHEN t2 BETWEEN 16 AND 20 THEN CASE WHEN c0 < 0 THEN '-' ELSE '' END || rpad(t1, t2 + 1, '0') WHEN t2 BETWEEN -6 AND -5 THEN CASE WHEN c0 < 0 THEN '-' ELSE '' END || '0.' || repeat('0', -t2 - 1) || t1 ELSE regexp_replace(regexp_replace(t0, 'e([-+])0', 'e\1'), '\.0$', '') END AS c0, i0
  FROM (
    SELECT *, replace(regexp_extract(t0, '^-?([0-9.]+)', 1), '.', '') AS t1, try_cast(regexp_extract(t0, 'e([-+][0-9]+)$', 1) AS INTEGER) AS t2
    FROM (
      SELECT *, c0::VARCHAR AS t0
      FROM hsc_scan0
    )
  )
)
-- string(string) string
c0
-- string(time) string
make_timestamp(greatest(least(c0, 253402300799999999), '-62135596800000000'::BIGINT))::VARCHAR
-- parse(string) bool
coalesce(CASE lower(t0) WHEN 'true' THEN true WHEN '1' THEN true WHEN 'false' THEN false WHEN '0' THEN false END, false) AS c0, i0
  FROM (
    SELECT *, trim(c0, ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)) AS t0
    FROM hsc_scan0
  )
)
-- parse(string) i32
coalesce(CASE WHEN regexp_full_match(t0, '[+-]?[0-9]+') THEN try_cast(t0 AS INTEGER) END, 0::INTEGER) AS c0, i0
  FROM (
    SELECT *, trim(c0, ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)) AS t0
    FROM hsc_scan0
  )
)
-- parse(string) i64
coalesce(CASE WHEN regexp_full_match(t0, '[+-]?[0-9]+') THEN try_cast(t0 AS BIGINT) END, 0::BIGINT) AS c0, i0
  FROM (
    SELECT *, trim(c0, ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)) AS t0
    FROM hsc_scan0
  )
)
-- parse(string) f32
coalesce(CASE WHEN t1 IS NOT NULL THEN coalesce(try_cast(t1 AS FLOAT), CASE WHEN t1 > 0 THEN 'Infinity'::FLOAT ELSE '-Infinity'::FLOAT END) END, '0'::FLOAT) AS c0, i0
  FROM (
    SELECT *, CASE WHEN regexp_full_match(t0, '([+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?)|[+-]?([iI][nN][fF]([iI][nN][iI][tT][yY])?|[nN][aA][nN])') THEN try_cast(t0 AS DOUBLE) END AS t1
    FROM (
      SELECT *, trim(c0, ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)) AS t0
      FROM hsc_scan0
    )
  )
)
-- parse(string) f64
coalesce(t1, '0'::DOUBLE) AS c0, i0
  FROM (
    SELECT *, CASE WHEN regexp_full_match(t0, '([+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?)|[+-]?([iI][nN][fF]([iI][nN][iI][tT][yY])?|[nN][aA][nN])') THEN try_cast(t0 AS DOUBLE) END AS t1
    FROM (
      SELECT *, trim(c0, ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)) AS t0
      FROM hsc_scan0
    )
  )
)
-- parses(string) bool
(CASE WHEN regexp_full_match(t0, '[+-]?[0-9]+') THEN try_cast(t0 AS INTEGER) END IS NOT NULL) AS c0, i0
  FROM (
    SELECT *, trim(c0, ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)) AS t0
    FROM hsc_scan0
  )
)
-- year(time) i32
extract(year FROM make_timestamp(greatest(least(c0, 253402300799999999), '-62135596800000000'::BIGINT)))::INTEGER
-- month(time) i32
extract(month FROM make_timestamp(greatest(least(c0, 253402300799999999), '-62135596800000000'::BIGINT)))::INTEGER
-- day(time) i32
extract(day FROM make_timestamp(greatest(least(c0, 253402300799999999), '-62135596800000000'::BIGINT)))::INTEGER
-- weekday(time) i32
(extract(isodow FROM make_timestamp(greatest(least(c0, 253402300799999999), '-62135596800000000'::BIGINT))) - 1)::INTEGER
-- hour(time) i32
extract(hour FROM make_timestamp(greatest(least(c0, 253402300799999999), '-62135596800000000'::BIGINT)))::INTEGER
-- seconds(time) f64
(c0::DOUBLE / 1000000)
-- ticks(time) i64
c0
-- instant(i64) time
c0
-- date(time) time
epoch_us(date_trunc('day', make_timestamp(greatest(least(c0, 253402300799999999), '-62135596800000000'::BIGINT)))::TIMESTAMP)
-- parse_time(string) time
coalesce(CASE WHEN t0 >= '-62135596800000000'::BIGINT THEN t0 END, 0) AS c0, i0
  FROM (
    SELECT *, CASE WHEN regexp_full_match(c0, '([0-9]{4})([0-9]{1,2})([0-9]{1,2})') THEN epoch_us(try_strptime(c0, '%Y%m%d')) END AS t0
    FROM hsc_scan0
  )
)
-- parses_time(string) bool
(CASE WHEN t0 >= '-62135596800000000'::BIGINT THEN t0 END IS NOT NULL) AS c0, i0
  FROM (
    SELECT *, CASE WHEN regexp_full_match(c0, '([0-9]{4})([0-9]{1,2})([0-9]{1,2})') THEN epoch_us(try_strptime(c0, '%Y%m%d')) END AS t0
    FROM hsc_scan0
  )
)
-- format_time(time) string
strftime(make_timestamp(greatest(least(c0, 253402300799999999), '-62135596800000000'::BIGINT)), '%Y%m%d')
-- list_length(list) i32
len([c0]::VARCHAR[])::INTEGER
-- list_sum(list i32) i32
((((coalesce(list_sum([c0]::INTEGER[]), 0)) + 2147483648) & 4294967295) - 2147483648)::INTEGER
-- list_sum(list i64) i64
((((coalesce(list_sum([c0]::BIGINT[]), 0))::HUGEINT + 9223372036854775808) & 18446744073709551615) - 9223372036854775808)::BIGINT
-- list_sum(list f32) f32
coalesce(try_cast(t0 AS FLOAT), CASE WHEN t0 > 0 THEN 'Infinity'::FLOAT ELSE '-Infinity'::FLOAT END) AS c0, i0
  FROM (
    SELECT *, coalesce(list_sum([c0]::FLOAT[]), 0) AS t0
    FROM hsc_scan0
  )
)
-- list_sum(list f64) f64
coalesce(list_sum([c0]::DOUBLE[]), 0)
-- list_sum(list bool) i32
((((coalesce(list_sum([c0]::BOOLEAN[]::INTEGER[]), 0)) + 2147483648) & 4294967295) - 2147483648)::INTEGER
-- list_mean(list bool) f32
coalesce(try_cast(t2 AS FLOAT), CASE WHEN t2 > 0 THEN 'Infinity'::FLOAT ELSE '-Infinity'::FLOAT END) AS c0, i0
  FROM (
    SELECT *, ((((t1 - (t1 & 4294967295)) // 4294967296)::DOUBLE * 4294967296 + (t1 & 4294967295)::DOUBLE) / len(t0)::DOUBLE) AS t2
    FROM (
      SELECT *, coalesce(list_sum(t0::INTEGER[]), 0)::HUGEINT AS t1
      FROM (
        SELECT *, [c0]::BOOLEAN[] AS t0
        FROM hsc_scan0
      )
    )
  )
)
-- list_mean(list i32) f32
coalesce(try_cast(t2 AS FLOAT), CASE WHEN t2 > 0 THEN 'Infinity'::FLOAT ELSE '-Infinity'::FLOAT END) AS c0, i0
  FROM (
    SELECT *, ((((t1 - (t1 & 4294967295)) // 4294967296)::DOUBLE * 4294967296 + (t1 & 4294967295)::DOUBLE) / len(t0)::DOUBLE) AS t2
    FROM (
      SELECT *, coalesce(list_sum(t0), 0)::HUGEINT AS t1
      FROM (
        SELECT *, [c0]::INTEGER[] AS t0
        FROM hsc_scan0
      )
    )
  )
)
-- list_mean(list i64) f64
((((t1 - (t1 & 4294967295)) // 4294967296)::DOUBLE * 4294967296 + (t1 & 4294967295)::DOUBLE) / len(t0)::DOUBLE) AS c0, i0
  FROM (
    SELECT *, coalesce(list_sum(t0), 0)::HUGEINT AS t1
    FROM (
      SELECT *, [c0]::BIGINT[] AS t0
      FROM hsc_scan0
    )
  )
)
-- list_mean(list f32) f32
coalesce(try_cast(t1 AS FLOAT), CASE WHEN t1 > 0 THEN 'Infinity'::FLOAT ELSE '-Infinity'::FLOAT END) AS c0, i0
  FROM (
    SELECT *, (coalesce(list_sum(t0), 0) / len(t0)::DOUBLE) AS t1
    FROM (
      SELECT *, [c0]::FLOAT[] AS t0
      FROM hsc_scan0
    )
  )
)
-- list_mean(list f64) f64
(coalesce(list_sum(t0), 0) / len(t0)::DOUBLE) AS c0, i0
  FROM (
    SELECT *, [c0]::DOUBLE[] AS t0
    FROM hsc_scan0
  )
)
-- list_min(list i32) i32
coalesce(list_min([c0]::INTEGER[]), 0::INTEGER)
-- list_min(list i64) i64
coalesce(list_min([c0]::BIGINT[]), 0::BIGINT)
-- list_min(list f32) f32
coalesce(CASE WHEN coalesce(list_bool_or(list_transform(t0, lambda q: isnan(q))), false) THEN 'NaN'::FLOAT WHEN list_min(t0) = 0 AND coalesce(list_bool_or(list_transform(t0, lambda q: q = 0 AND signbit(q))), false) THEN '-0.0'::FLOAT ELSE list_min(t0) END, '0'::FLOAT) AS c0, i0
  FROM (
    SELECT *, [c0]::FLOAT[] AS t0
    FROM hsc_scan0
  )
)
-- list_min(list f64) f64
coalesce(CASE WHEN coalesce(list_bool_or(list_transform(t0, lambda q: isnan(q))), false) THEN 'NaN'::DOUBLE WHEN list_min(t0) = 0 AND coalesce(list_bool_or(list_transform(t0, lambda q: q = 0 AND signbit(q))), false) THEN '-0.0'::DOUBLE ELSE list_min(t0) END, '0'::DOUBLE) AS c0, i0
  FROM (
    SELECT *, [c0]::DOUBLE[] AS t0
    FROM hsc_scan0
  )
)
-- list_min(list string) string
coalesce(list_min([c0]::VARCHAR[]), '')
-- list_min(list time) time
coalesce(list_min([c0]::BIGINT[]), 0::BIGINT)
-- list_max(list i32) i32
coalesce(list_max([c0]::INTEGER[]), 0::INTEGER)
-- list_max(list i64) i64
coalesce(list_max([c0]::BIGINT[]), 0::BIGINT)
-- list_max(list f32) f32
coalesce(CASE WHEN coalesce(list_bool_or(list_transform(t0, lambda q: isnan(q))), false) THEN 'NaN'::FLOAT WHEN list_max(t0) = 0 AND coalesce(list_bool_or(list_transform(t0, lambda q: q = 0 AND NOT signbit(q))), false) THEN '0'::FLOAT ELSE list_max(t0) END, '0'::FLOAT) AS c0, i0
  FROM (
    SELECT *, [c0]::FLOAT[] AS t0
    FROM hsc_scan0
  )
)
-- list_max(list f64) f64
coalesce(CASE WHEN coalesce(list_bool_or(list_transform(t0, lambda q: isnan(q))), false) THEN 'NaN'::DOUBLE WHEN list_max(t0) = 0 AND coalesce(list_bool_or(list_transform(t0, lambda q: q = 0 AND NOT signbit(q))), false) THEN '0'::DOUBLE ELSE list_max(t0) END, '0'::DOUBLE) AS c0, i0
  FROM (
    SELECT *, [c0]::DOUBLE[] AS t0
    FROM hsc_scan0
  )
)
-- list_max(list string) string
coalesce(list_max([c0]::VARCHAR[]), '')
-- list_max(list time) time
coalesce(list_max([c0]::BIGINT[]), 0::BIGINT)
-- list_any(list bool) bool
coalesce(list_bool_or([c0]::BOOLEAN[]), false)
-- list_all(list bool) bool
coalesce(list_bool_and([c0]::BOOLEAN[]), true)
-- item(tensor i32, i32) i32
coalesce(CASE WHEN c1 >= 0 THEN (c0)[c1::BIGINT + 1] END, 0::INTEGER)
-- item(tensor i64, i32) i64
coalesce(CASE WHEN c1 >= 0 THEN (c0)[c1::BIGINT + 1] END, 0::BIGINT)
-- item(tensor f32, i32) f32
coalesce(CASE WHEN c1 >= 0 THEN (c0)[c1::BIGINT + 1] END, '0'::FLOAT)
-- item(tensor f64, i32) f64
coalesce(CASE WHEN c1 >= 0 THEN (c0)[c1::BIGINT + 1] END, '0'::DOUBLE)
-- item(tensor bool, i32) bool
coalesce(CASE WHEN c1 >= 0 THEN (c0)[c1::BIGINT + 1] END, false)
-- list_text(list string) string
to_json([c0]::VARCHAR[])::VARCHAR
-- element_at(list bool, i32) bool
coalesce(CASE WHEN c1 >= 0 THEN ([c0]::BOOLEAN[])[c1::BIGINT + 1] END, false)
-- element_at(list i32, i32) i32
coalesce(CASE WHEN c1 >= 0 THEN ([c0]::INTEGER[])[c1::BIGINT + 1] END, 0::INTEGER)
-- element_at(list i64, i32) i64
coalesce(CASE WHEN c1 >= 0 THEN ([c0]::BIGINT[])[c1::BIGINT + 1] END, 0::BIGINT)
-- element_at(list f32, i32) f32
coalesce(CASE WHEN c1 >= 0 THEN ([c0]::FLOAT[])[c1::BIGINT + 1] END, '0'::FLOAT)
-- element_at(list f64, i32) f64
coalesce(CASE WHEN c1 >= 0 THEN ([c0]::DOUBLE[])[c1::BIGINT + 1] END, '0'::DOUBLE)
-- element_at(list string, i32) string
coalesce(CASE WHEN c1 >= 0 THEN ([c0]::VARCHAR[])[c1::BIGINT + 1] END, '')
-- element_at(list time, i32) time
coalesce(CASE WHEN c1 >= 0 THEN ([c0]::BIGINT[])[c1::BIGINT + 1] END, 0::BIGINT)
-- pad_to(list i32, i32) tensor i32
list_resize([c0]::INTEGER[], 2, c1)::INTEGER[2]
-- pad_to(list i64, i64) tensor i64
list_resize([c0]::BIGINT[], 2, c1)::BIGINT[2]
-- pad_to(list f32, f32) tensor f32
list_resize([c0]::FLOAT[], 2, c1)::FLOAT[2]
-- pad_to(list f64, f64) tensor f64
list_resize([c0]::DOUBLE[], 2, c1)::DOUBLE[2]
-- pad_to(list bool, bool) tensor bool
list_resize([c0]::BOOLEAN[], 2, c1)::BOOLEAN[2]
-- lookup(string, table) i32
hsc_lookup7(c0)
