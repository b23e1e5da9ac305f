/**
 * f64 in integer arithmetic, for WGSL, which has none: each function is rounded once, to nearest, ties to even, denormals included, as IEEE
 * 754 has it. A number is the pair of its words (wide-integer.ts). Knows no expression.
 *
 * Inside, a number that is finite is a fraction of 64 bits, the highest of them set, and the exponent of that bit; 0 has the fraction 0.
 * What does not fit into a fraction sets its lowest bit, so that rounding sees that there was more.
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
  if (field > 2046) { return infinity_f64(sign); }
  let part = sticky_u64(m, u32(clamp(1 - field, 0, 64)));
  let kept = shr_u64(part, 11u);
  let lost = part.x & 0x7ffu;
  let up = (lost > 0x400u) | ((lost == 0x400u) & ((kept.x & 1u) == 1u));
  let bits = add_i64(kept, vec2<u32>(select(0u, 1u, up), u32(max(field - 1, 0)) << 20u));
  return vec2<u32>(bits.x, bits.y | sign);
}`,

    neg_f64: "fn neg_f64(a: vec2<u32>) -> vec2<u32> { return vec2<u32>(a.x, a.y ^ 0x80000000u); }",
    abs_f64: "fn abs_f64(a: vec2<u32>) -> vec2<u32> { return vec2<u32>(a.x, a.y & 0x7fffffffu); }",
    // the larger is not moved; one bit is free for the carry
    add_f64: `
fn add_f64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  if (is_nan_f64(a) | is_nan_f64(b)) { return nan_f64(); }
  let opposed = ((a.y ^ b.y) >> 31u) == 1u;
  if (is_infinite_f64(a)) { return select(a, nan_f64(), opposed & is_infinite_f64(b)); }
  if (is_infinite_f64(b)) { return b; }
  let swapped = less_u64(abs_f64(a), abs_f64(b));
  let large = select(a, b, swapped);
  let p = parts_f64(large);
  let q = parts_f64(select(b, a, swapped));
  let x = shr_u64(p.m, 1u);
  let y = sticky_u64(shr_u64(q.m, 1u), u32(min(p.e - q.e, 64)));
  let sum = select(add_i64(x, y), sub_i64(x, y), opposed);
  let sign = large.y & 0x80000000u;
  let zeros = clz_u64(sum);
  if (zeros == 64u) { return vec2<u32>(0u, select(sign, 0u, opposed)); }
  return round_f64(sign, p.e + 1 - i32(zeros), shl_u64(sum, zeros));
}`,
    sub_f64: "fn sub_f64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> { return add_f64(a, neg_f64(b)); }",
    mul_f64: `
fn mul_f64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  if (is_nan_f64(a) | is_nan_f64(b)) { return nan_f64(); }
  let sign = (a.y ^ b.y) & 0x80000000u;
  let none = is_zero_f64(a) | is_zero_f64(b);
  if (is_infinite_f64(a) | is_infinite_f64(b)) { return select(infinity_f64(sign), nan_f64(), none); }
  if (none) { return vec2<u32>(0u, sign); }
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
  return round_f64(sign, p.e + q.e + 1 - i32(zeros), shl_u64(m, zeros));
}`,
    // a bit of the quotient in each trip: 53, and three to round by
    div_f64: `
fn div_f64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  if (is_nan_f64(a) | is_nan_f64(b)) { return nan_f64(); }
  let sign = (a.y ^ b.y) & 0x80000000u;
  if (is_infinite_f64(a)) { return select(infinity_f64(sign), nan_f64(), is_infinite_f64(b)); }
  if (is_zero_f64(b)) { return select(infinity_f64(sign), nan_f64(), is_zero_f64(a)); }
  if (is_infinite_f64(b) | is_zero_f64(a)) { return vec2<u32>(0u, sign); }
  let p = parts_f64(a);
  let q = parts_f64(b);
  let divisor = shr_u64(q.m, 11u);
  let less = less_u64(p.m, q.m);
  var rest = shr_u64(p.m, select(11u, 10u, less));
  var whole = vec2<u32>();
  for (var i = 0; i < 56; i++) {
    whole = shl_u64(whole, 1u);
    if (!less_u64(rest, divisor)) {
      rest = sub_i64(rest, divisor);
      whole.x |= 1u;
    }
    rest = shl_u64(rest, 1u);
  }
  let m = shl_u64(whole, 8u) | vec2<u32>(select(0u, 1u, (rest.x | rest.y) != 0u), 0u);
  return round_f64(sign, p.e - q.e - select(0, 1, less), m);
}`,
    // as by hand: two bits of the number come down in each trip and give one of the root
    sqrt_f64: `
fn sqrt_f64(a: vec2<u32>) -> vec2<u32> {
  if (is_zero_f64(a)) { return a; }
  if (is_nan_f64(a) | ((a.y >> 31u) == 1u)) { return nan_f64(); }
  if (is_infinite_f64(a)) { return a; }
  let p = parts_f64(a);
  let odd = p.e & 1;
  var feed = shr_u64(p.m, select(1u, 0u, odd == 1));
  var rest = vec2<u32>();
  var root = vec2<u32>();
  for (var i = 0; i < 56; i++) {
    rest = shl_u64(rest, 2u);
    rest.x |= feed.y >> 30u;
    feed = shl_u64(feed, 2u);
    var trial = shl_u64(root, 2u);
    trial.x |= 1u;
    root = shl_u64(root, 1u);
    if (!less_u64(rest, trial)) {
      rest = sub_i64(rest, trial);
      root.x |= 1u;
    }
  }
  let m = shl_u64(root, 8u) | vec2<u32>(select(0u, 1u, (rest.x | rest.y) != 0u), 0u);
  return round_f64(0u, (p.e - odd) / 2, m);
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
  if (((a.y >> 20u) & 0x7ffu) < 1023u) { return vec2<u32>(0u, a.y & 0x80000000u); }
  return a & ~fraction_f64(a);
}`,
    // a carry goes into the exponent, where it belongs
    floor_f64: `
fn floor_f64(a: vec2<u32>) -> vec2<u32> {
  let whole = trunc_f64(a);
  if (((a.y >> 31u) == 0u) | all(whole == a)) { return whole; }
  if (((a.y >> 20u) & 0x7ffu) < 1023u) { return vec2<u32>(0u, 0xbff00000u); }
  let fraction = fraction_f64(a);
  return add_i64(a, fraction) & ~fraction;
}`,
    ceil_f64: "fn ceil_f64(a: vec2<u32>) -> vec2<u32> { return neg_f64(floor_f64(neg_f64(a))); }",
    rint_f64: `
fn rint_f64(a: vec2<u32>) -> vec2<u32> {
  let field = (a.y >> 20u) & 0x7ffu;
  let sign = a.y & 0x80000000u;
  if (field >= 1075u) { return a; }
  if (field < 1023u) {
    let above = less_u64(vec2<u32>(0u, 0x3fe00000u), abs_f64(a));
    return vec2<u32>(0u, sign | select(0u, 0x3ff00000u, above));
  }
  let fraction = fraction_f64(a);
  let odd = shr_u64(a, 1075u - field).x & 1u;
  let half = shr_u64(fraction, 1u);
  return add_i64(a, add_i64(half, vec2<u32>(odd, 0u))) & ~fraction;
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
  if (is_nan_f64(a) | is_nan_f64(b)) { return nan_f64(); }
  return select(a, b, below_f64(b, a));
}`,
    max_f64: `
fn max_f64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  if (is_nan_f64(a) | is_nan_f64(b)) { return nan_f64(); }
  return select(a, b, below_f64(a, b));
}`,
    fma_f64: "fn fma_f64(a: vec2<u32>, b: vec2<u32>, c: vec2<u32>) -> vec2<u32> { return add_f64(mul_f64(a, b), c); }",

    bool_to_f64: "fn bool_to_f64(a: bool) -> vec2<u32> { return vec2<u32>(0u, select(0u, 0x3ff00000u, a)); }",
    u32_to_f64: "fn u32_to_f64(a: u32) -> vec2<u32> { return i64_to_f64(vec2<u32>(a, 0u)); }",
    i32_to_f64: "fn i32_to_f64(a: i32) -> vec2<u32> { return i64_to_f64(i32_to_i64(a)); }",
    i64_to_f64: `
fn i64_to_f64(a: vec2<u32>) -> vec2<u32> {
  let size = abs_i64(a);
  let zeros = clz_u64(size);
  if (zeros == 64u) { return vec2<u32>(); }
  return round_f64(a.y & 0x80000000u, 63 - i32(zeros), shl_u64(size, zeros));
}`,
    f32_to_f64: `
fn f32_to_f64(a: f32) -> vec2<u32> {
  let bits = bitcast<u32>(a);
  let sign = bits & 0x80000000u;
  let size = bits & 0x7fffffffu;
  if (size > 0x7f800000u) { return nan_f64(); }
  if (size == 0x7f800000u) { return infinity_f64(sign); }
  if (size == 0u) { return vec2<u32>(0u, sign); }
  let field = i32(size >> 23u);
  let fraction = (size & 0x7fffffu) | select(0x800000u, 0u, field == 0);
  let zeros = countLeadingZeros(fraction);
  return round_f64(sign, max(field, 1) - 119 - i32(zeros), vec2<u32>(0u, fraction << zeros));
}`,
    f64_to_bool: "fn f64_to_bool(a: vec2<u32>) -> bool { return !is_zero_f64(a); }",
    f64_to_i64: `
fn f64_to_i64(a: vec2<u32>) -> vec2<u32> {
  let negative = (a.y >> 31u) == 1u;
  let p = parts_f64(a);
  if (is_nan_f64(a) | (p.e < 0)) { return vec2<u32>(); }
  if (p.e > 62) { return select(vec2<u32>(0xffffffffu, 0x7fffffffu), vec2<u32>(0u, 0x80000000u), negative); }
  let size = shr_u64(p.m, u32(63 - p.e));
  return select(size, neg_i64(size), negative);
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
  let sign = a.y & 0x80000000u;
  if (is_nan_f64(a)) { return bitcast<f32>(0x7fc00000u | sign); }
  let p = parts_f64(a);
  let field = p.e + 127;
  if (field > 254) { return bitcast<f32>(0x7f800000u | sign); }
  let part = sticky_u64(p.m, u32(clamp(1 - field, 0, 64)));
  let kept = part.y >> 8u;
  let lost = (part.y << 24u) | select(0u, 1u, part.x != 0u);
  let up = (lost > 0x80000000u) | ((lost == 0x80000000u) & ((kept & 1u) == 1u));
  return bitcast<f32>(((u32(max(field - 1, 0)) << 23u) + kept + select(0u, 1u, up)) | sign);
}`,
  },
  Object.keys(INTEGERS),
);
