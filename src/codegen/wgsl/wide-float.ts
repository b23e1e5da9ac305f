/**
 * f64 in integer arithmetic, for WGSL, which has none: each function is rounded once, to nearest, ties to even, denormals included, as IEEE
 * 754 has it. A number is the pair of its words (wide-integer.ts). Knows no expression.
 *
 * Inside, a number that is finite is a fraction of 64 bits, the highest of them set, and the exponent of that bit; 0 has the fraction 0.
 * What does not fit into a fraction sets its lowest bit, so that rounding sees that there was more. Infinities, NaN and 0 are chosen at the
 * end: neighbours on a GPU go the same way.
 */
import { functionsOf, INTEGERS, type WideFunction } from "./wide-integer.ts";

export const FLOATS: Readonly<Record<string, WideFunction>> = functionsOf(
  {
    nan_f64: "fn nan_f64() -> vec2<u32> { return vec2<u32>(0u, 0x7ff80000u); }",
    infinity_f64: "fn infinity_f64(sign: u32) -> vec2<u32> { return vec2<u32>(0u, 0x7ff00000u | sign); }",
    is_nan_f64: `
fn is_nan_f64(a: vec2<u32>) -> bool {
  return less_u64(vec2<u32>(0u, 0x7ff00000u), abs_f64(a));
}`,
    is_infinite_f64: `
fn is_infinite_f64(a: vec2<u32>) -> bool {
  return all(abs_f64(a) == vec2<u32>(0u, 0x7ff00000u));
}`,
    is_zero_f64: `
fn is_zero_f64(a: vec2<u32>) -> bool {
  return all(abs_f64(a) == vec2<u32>());
}`,
    parts_f64: `
struct Parts { m: vec2<u32>, e: i32 }
fn parts_f64(a: vec2<u32>) -> Parts {
  let field = i32((a.y >> 20u) & 0x7ffu);
  let fraction = vec2<u32>(a.x, (a.y & 0xfffffu) | select(0x100000u, 0u, field == 0));
  let zeros = clz_u64(fraction);
  return Parts(shl_u64(fraction, zeros), max(field, 1) - 1012 - i32(zeros));
}`,
    // what is shifted out goes into the lowest bit
    sticky_u64: `
fn sticky_u64(a: vec2<u32>, by: u32) -> vec2<u32> {
  let some = vec2<u32>(select(0u, 1u, (a.x | a.y) != 0u), 0u);
  let kept = shr_u64(a, by);
  let back = shl_u64(kept, by);
  let near = kept | vec2<u32>(select(1u, 0u, all(back == a)), 0u);
  return select(near, some, by > 63u);
}`,
    // 53 bits stay. The highest of them counts as 1 in the exponent's field, and a carry goes where it belongs
    round_f64: `
fn round_f64(sign: u32, e: i32, m: vec2<u32>) -> vec2<u32> {
  let field = e + 1023;
  let part = sticky_u64(m, u32(clamp(1 - field, 0, 64)));
  let kept = shr_u64(part, 11u);
  let lost = part.x & 0x7ffu;
  let up = (lost > 0x400u) | ((lost == 0x400u) & ((kept.x & 1u) == 1u));
  let bits = add_i64(kept, vec2<u32>(select(0u, 1u, up), u32(clamp(field - 1, 0, 2046)) << 20u));
  let near = vec2<u32>(bits.x, bits.y | sign);
  return select(near, infinity_f64(sign), field > 2046);
}`,

    neg_f64: "fn neg_f64(a: vec2<u32>) -> vec2<u32> { return vec2<u32>(a.x, a.y ^ 0x80000000u); }",
    abs_f64: "fn abs_f64(a: vec2<u32>) -> vec2<u32> { return vec2<u32>(a.x, a.y & 0x7fffffffu); }",
    // the larger is not moved; one bit is free for the carry
    add_f64: `
fn add_f64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let opposed = ((a.y ^ b.y) >> 31u) == 1u;
  let swapped = less_u64(abs_f64(a), abs_f64(b));
  let large = select(a, b, swapped);
  let small = select(b, a, swapped);
  let p = parts_f64(large);
  let q = parts_f64(small);
  let x = shr_u64(p.m, 1u);
  let y = sticky_u64(shr_u64(q.m, 1u), u32(min(p.e - q.e, 64)));
  let sum = select(add_i64(x, y), sub_i64(x, y), opposed);
  let sign = large.y & 0x80000000u;
  let zeros = clz_u64(sum);
  let near = round_f64(sign, p.e + 1 - i32(zeros), shl_u64(sum, zeros));
  let finite = select(near, vec2<u32>(0u, select(sign, 0u, opposed)), zeros == 64u);
  let nan = is_nan_f64(large) | (opposed & is_infinite_f64(small));
  return select(select(finite, large, is_infinite_f64(large)), nan_f64(), nan);
}`,
    sub_f64: "fn sub_f64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> { return add_f64(a, neg_f64(b)); }",
    mul_f64: `
fn mul_f64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let sign = (a.y ^ b.y) & 0x80000000u;
  let p = parts_f64(a);
  let q = parts_f64(b);
  let low = mul_u32(p.m.x, q.m.x);
  let one = mul_u32(p.m.x, q.m.y);
  let other = mul_u32(p.m.y, q.m.x);
  let first = add_i64(vec2<u32>(low.y, 0u), vec2<u32>(one.x, 0u));
  let middle = add_i64(first, vec2<u32>(other.x, 0u));
  let high = add_i64(mul_u32(p.m.y, q.m.y), vec2<u32>(one.y, 0u));
  let product = add_i64(add_i64(high, vec2<u32>(other.y, 0u)), vec2<u32>(middle.y, 0u));
  let m = vec2<u32>(product.x | select(0u, 1u, (low.x | middle.x) != 0u), product.y);
  let zeros = clz_u64(m);
  let near = round_f64(sign, p.e + q.e + 1 - i32(zeros), shl_u64(m, zeros));
  let none = is_zero_f64(a) | is_zero_f64(b);
  let infinite = is_infinite_f64(a) | is_infinite_f64(b);
  let known = select(select(near, infinity_f64(sign), infinite), vec2<u32>(0u, sign), none);
  return select(known, nan_f64(), is_nan_f64(a) | is_nan_f64(b) | (none & infinite));
}`,
    // a bit of the quotient in each trip: 53, and three to round by
    div_f64: `
fn div_f64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let sign = (a.y ^ b.y) & 0x80000000u;
  let p = parts_f64(a);
  let q = parts_f64(b);
  let divisor = shr_u64(q.m, 11u);
  let less = less_u64(p.m, q.m);
  var rest = shr_u64(p.m, select(11u, 10u, less));
  var whole = vec2<u32>();
  for (var i = 0; i < 56; i++) {
    let fits = !less_u64(rest, divisor);
    whole = shl_u64(whole, 1u) | vec2<u32>(select(0u, 1u, fits), 0u);
    rest = shl_u64(select(rest, sub_i64(rest, divisor), fits), 1u);
  }
  let m = shl_u64(whole, 8u) | vec2<u32>(select(0u, 1u, (rest.x | rest.y) != 0u), 0u);
  let near = round_f64(sign, p.e - q.e - select(0, 1, less), m);
  let none = is_zero_f64(a) | is_infinite_f64(b);
  let beyond = is_zero_f64(b) | is_infinite_f64(a);
  let known = select(select(near, infinity_f64(sign), beyond), vec2<u32>(0u, sign), none);
  return select(known, nan_f64(), is_nan_f64(a) | is_nan_f64(b) | (none & beyond));
}`,
    // as by hand: two bits of the number come down in each trip and give one of the root
    sqrt_f64: `
fn sqrt_f64(a: vec2<u32>) -> vec2<u32> {
  let p = parts_f64(a);
  let odd = p.e & 1;
  var feed = shr_u64(p.m, select(1u, 0u, odd == 1));
  var rest = vec2<u32>();
  var root = vec2<u32>();
  for (var i = 0; i < 56; i++) {
    rest = shl_u64(rest, 2u) | vec2<u32>(feed.y >> 30u, 0u);
    feed = shl_u64(feed, 2u);
    let trial = shl_u64(root, 2u) | vec2<u32>(1u, 0u);
    let fits = !less_u64(rest, trial);
    root = shl_u64(root, 1u) | vec2<u32>(select(0u, 1u, fits), 0u);
    rest = select(rest, sub_i64(rest, trial), fits);
  }
  let m = shl_u64(root, 8u) | vec2<u32>(select(0u, 1u, (rest.x | rest.y) != 0u), 0u);
  let near = round_f64(0u, (p.e - odd) / 2, m);
  let known = select(near, a, is_zero_f64(a) | is_infinite_f64(a));
  return select(known, nan_f64(), !is_zero_f64(a) & (is_nan_f64(a) | ((a.y >> 31u) == 1u)));
}`,
    // C's fmod: exact
    rem_f64: `
fn rem_f64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  if (is_nan_f64(a) | is_nan_f64(b) | is_infinite_f64(a) | is_zero_f64(b)) { return nan_f64(); }
  if (less_u64(abs_f64(a), abs_f64(b))) { return a; }
  let p = parts_f64(a);
  let q = parts_f64(b);
  let divisor = shr_u64(q.m, 11u);
  var rest = shr_u64(p.m, 11u);
  for (var i = p.e - q.e; i >= 0; i--) {
    if (!less_u64(rest, divisor)) { rest = sub_i64(rest, divisor); }
    if (i > 0) { rest = shl_u64(rest, 1u); }
  }
  let sign = a.y & 0x80000000u;
  let zeros = clz_u64(rest);
  if (zeros == 64u) { return vec2<u32>(0u, sign); }
  return round_f64(sign, q.e + 11 - i32(zeros), shl_u64(rest, zeros));
}`,

    // which bits stand for less than 1; of numbers from 1 to 2^53
    fraction_f64: `
fn fraction_f64(a: vec2<u32>) -> vec2<u32> {
  let field = (a.y >> 20u) & 0x7ffu;
  return shr_u64(vec2<u32>(0xffffffffu, 0xfffffu), min(max(field, 1023u) - 1023u, 52u));
}`,
    trunc_f64: `
fn trunc_f64(a: vec2<u32>) -> vec2<u32> {
  let none = ((a.y >> 20u) & 0x7ffu) < 1023u;
  return select(a & ~fraction_f64(a), vec2<u32>(0u, a.y & 0x80000000u), none);
}`,
    // a carry goes into the exponent, where it belongs
    floor_f64: `
fn floor_f64(a: vec2<u32>) -> vec2<u32> {
  let whole = trunc_f64(a);
  let fraction = fraction_f64(a);
  let none = ((a.y >> 20u) & 0x7ffu) < 1023u;
  let below = select(add_i64(a, fraction) & ~fraction, vec2<u32>(0u, 0xbff00000u), none);
  return select(below, whole, ((a.y >> 31u) == 0u) | all(whole == a));
}`,
    ceil_f64: "fn ceil_f64(a: vec2<u32>) -> vec2<u32> { return neg_f64(floor_f64(neg_f64(a))); }",
    rint_f64: `
fn rint_f64(a: vec2<u32>) -> vec2<u32> {
  let field = (a.y >> 20u) & 0x7ffu;
  let fraction = fraction_f64(a);
  let odd = shr_u64(a, 1075u - clamp(field, 1023u, 1075u)).x & 1u;
  let near = add_i64(a, add_i64(shr_u64(fraction, 1u), vec2<u32>(odd, 0u))) & ~fraction;
  let above = less_u64(vec2<u32>(0u, 0x3fe00000u), abs_f64(a));
  let small = vec2<u32>(0u, (a.y & 0x80000000u) | select(0u, 0x3ff00000u, above));
  return select(select(near, small, field < 1023u), a, field >= 1075u);
}`,

    // as integers they are in the order of the numbers: 0 and -0 are one
    order_f64: `
fn order_f64(a: vec2<u32>) -> vec2<u32> {
  return select(a, neg_i64(abs_f64(a)), (a.y >> 31u) == 1u);
}`,
    eq_f64: `
fn eq_f64(a: vec2<u32>, b: vec2<u32>) -> bool {
  return all(order_f64(a) == order_f64(b)) & !is_nan_f64(a);
}`,
    lt_f64: `
fn lt_f64(a: vec2<u32>, b: vec2<u32>) -> bool {
  return lt_i64(order_f64(a), order_f64(b)) & !(is_nan_f64(a) | is_nan_f64(b));
}`,
    le_f64: `
fn le_f64(a: vec2<u32>, b: vec2<u32>) -> bool {
  return le_i64(order_f64(a), order_f64(b)) & !(is_nan_f64(a) | is_nan_f64(b));
}`,
    // -0 lies below 0
    below_f64: `
fn below_f64(a: vec2<u32>, b: vec2<u32>) -> bool {
  let x = select(a, ~abs_f64(a), (a.y >> 31u) == 1u);
  let y = select(b, ~abs_f64(b), (b.y >> 31u) == 1u);
  return lt_i64(x, y);
}`,
    min_f64: `
fn min_f64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  return select(select(a, b, below_f64(b, a)), nan_f64(), is_nan_f64(a) | is_nan_f64(b));
}`,
    max_f64: `
fn max_f64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  return select(select(a, b, below_f64(a, b)), nan_f64(), is_nan_f64(a) | is_nan_f64(b));
}`,
    fma_f64: "fn fma_f64(a: vec2<u32>, b: vec2<u32>, c: vec2<u32>) -> vec2<u32> { return add_f64(mul_f64(a, b), c); }",

    bool_to_f64: "fn bool_to_f64(a: bool) -> vec2<u32> { return vec2<u32>(0u, select(0u, 0x3ff00000u, a)); }",
    u32_to_f64: "fn u32_to_f64(a: u32) -> vec2<u32> { return i64_to_f64(vec2<u32>(a, 0u)); }",
    i32_to_f64: "fn i32_to_f64(a: i32) -> vec2<u32> { return i64_to_f64(i32_to_i64(a)); }",
    i64_to_f64: `
fn i64_to_f64(a: vec2<u32>) -> vec2<u32> {
  let size = abs_i64(a);
  let zeros = clz_u64(size);
  let near = round_f64(a.y & 0x80000000u, 63 - i32(zeros), shl_u64(size, zeros));
  return select(near, vec2<u32>(), zeros == 64u);
}`,
    f32_to_f64: `
fn f32_to_f64(a: f32) -> vec2<u32> {
  let bits = bitcast<u32>(a);
  let sign = bits & 0x80000000u;
  let size = bits & 0x7fffffffu;
  let field = i32(size >> 23u);
  let fraction = (size & 0x7fffffu) | select(0x800000u, 0u, field == 0);
  let zeros = countLeadingZeros(fraction) & 31u;
  let same = vec2<u32>(0u, fraction << zeros);
  let finite = round_f64(sign, max(field, 1) - 119 - i32(zeros), same);
  let known = select(finite, vec2<u32>(0u, sign), size == 0u);
  return select(select(known, infinity_f64(sign), size == 0x7f800000u), nan_f64(), size > 0x7f800000u);
}`,
    f64_to_bool: "fn f64_to_bool(a: vec2<u32>) -> bool { return !is_zero_f64(a); }",
    f64_to_i64: `
fn f64_to_i64(a: vec2<u32>) -> vec2<u32> {
  let negative = (a.y >> 31u) == 1u;
  let p = parts_f64(a);
  let size = shr_u64(p.m, u32(clamp(63 - p.e, 0, 63)));
  let near = select(size, neg_i64(size), negative);
  let end = select(vec2<u32>(0xffffffffu, 0x7fffffffu), vec2<u32>(0u, 0x80000000u), negative);
  return select(select(near, end, p.e > 62), vec2<u32>(), is_nan_f64(a) | (p.e < 0));
}`,
    f64_to_i32: `
fn f64_to_i32(a: vec2<u32>) -> i32 {
  let whole = f64_to_i64(a);
  let low = bitcast<i32>(whole.x);
  let end = select(2147483647, i32(-2147483648), (whole.y >> 31u) == 1u);
  return select(end, low, bitcast<i32>(whole.y) == (low >> 31u));
}`,
    f64_to_u32: `
fn f64_to_u32(a: vec2<u32>) -> u32 {
  let whole = f64_to_i64(a);
  return select(select(0xffffffffu, 0u, (whole.y >> 31u) == 1u), whole.x, whole.y == 0u);
}`,
    f32_to_i64: "fn f32_to_i64(a: f32) -> vec2<u32> { return f64_to_i64(f32_to_f64(a)); }",
    f64_to_f32: `
fn f64_to_f32(a: vec2<u32>) -> f32 {
  let p = parts_f64(a);
  let field = p.e + 127;
  let part = sticky_u64(p.m, u32(clamp(1 - field, 0, 64)));
  let kept = part.y >> 8u;
  let lost = (part.y << 24u) | select(0u, 1u, part.x != 0u);
  let up = (lost > 0x80000000u) | ((lost == 0x80000000u) & ((kept & 1u) == 1u));
  let near = (u32(clamp(field - 1, 0, 254)) << 23u) + kept + select(0u, 1u, up);
  let known = select(near, 0x7f800000u, field > 254);
  return bitcast<f32>(select(known, 0x7fc00000u, is_nan_f64(a)) | (a.y & 0x80000000u));
}`,
  },
  Object.keys(INTEGERS),
);
