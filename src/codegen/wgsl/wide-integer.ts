/**
 * What WGSL lacks of 64-bit integers, as functions of its own on pairs of words, the lower one first, as they lie in memory. An i64 is such
 * a pair; the functions of u64 serve it and the fractions of f64 (wide-float.ts). Knows no expression.
 */

/** a function of a module by its name, and which others it calls */
export interface WideFunction {
  readonly text: string;
  readonly calls: readonly string[];
}
type Functions = Readonly<Record<string, WideFunction>>;

/** functions from texts: what they call is what they name */
export function functionsOf(all: Readonly<Record<string, string>>, others: readonly string[] = []): Functions {
  const names = [...Object.keys(all), ...others];
  const calls = (own: string, text: string): readonly string[] => {
    const words = new Set(text.match(/\w+/g));
    return names.filter(n => n !== own && words.has(n));
  };
  return Object.fromEntries(
    Object.entries(all).map(([name, text]) => [name, { text: text.trim(), calls: calls(name, text) }]),
  );
}

export const INTEGERS: Functions = functionsOf({
  less_u64: `
fn less_u64(a: vec2<u32>, b: vec2<u32>) -> bool {
  return (a.y < b.y) | ((a.y == b.y) & (a.x < b.x));
}`,
  shl_u64: `
fn shl_u64(a: vec2<u32>, by: u32) -> vec2<u32> {
  let n = by & 31u;
  let near = vec2<u32>(a.x << n, (a.y << n) | ((a.x >> 1u) >> (31u - n)));
  return select(near, vec2<u32>(0u, a.x << n), (by & 32u) != 0u);
}`,
  shr_u64: `
fn shr_u64(a: vec2<u32>, by: u32) -> vec2<u32> {
  let n = by & 31u;
  let near = vec2<u32>((a.x >> n) | ((a.y << 1u) << (31u - n)), a.y >> n);
  return select(near, vec2<u32>(a.y >> n, 0u), (by & 32u) != 0u);
}`,
  clz_u64: `
fn clz_u64(a: vec2<u32>) -> u32 {
  return select(countLeadingZeros(a.y), 32u + countLeadingZeros(a.x), a.y == 0u);
}`,
  // by halves of 16 bits: WGSL has no product of two words
  mul_u32: `
fn mul_u32(a: u32, b: u32) -> vec2<u32> {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let one = (a & 0xffffu) * (b >> 16u);
  let other = (a >> 16u) * (b & 0xffffu);
  let middle = (low >> 16u) + (one & 0xffffu) + (other & 0xffffu);
  return vec2<u32>(a * b, (a >> 16u) * (b >> 16u) + (one >> 16u) + (other >> 16u) + (middle >> 16u));
}`,
  // the divisor is not 0. It is moved below the highest bit of what it divides, and back
  divide_u64: `
struct Quotient { whole: vec2<u32>, rest: vec2<u32> }
fn divide_u64(a: vec2<u32>, b: vec2<u32>) -> Quotient {
  if ((a.y | b.y) == 0u) {
    let whole = a.x / b.x;
    return Quotient(vec2<u32>(whole, 0u), vec2<u32>(a.x - whole * b.x, 0u));
  }
  var whole = vec2<u32>();
  var rest = a;
  let distance = i32(clz_u64(b)) - i32(clz_u64(a));
  var part = shl_u64(b, u32(max(distance, 0)));
  for (var i = distance; i >= 0; i--) {
    whole = shl_u64(whole, 1u);
    if (!less_u64(rest, part)) {
      rest = sub_i64(rest, part);
      whole.x |= 1u;
    }
    part = shr_u64(part, 1u);
  }
  return Quotient(whole, rest);
}`,

  add_i64: `
fn add_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let low = a.x + b.x;
  return vec2<u32>(low, a.y + b.y + select(0u, 1u, low < a.x));
}`,
  sub_i64: `
fn sub_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  return vec2<u32>(a.x - b.x, a.y - b.y - select(0u, 1u, a.x < b.x));
}`,
  neg_i64: `
fn neg_i64(a: vec2<u32>) -> vec2<u32> {
  return sub_i64(vec2<u32>(), a);
}`,
  abs_i64: `
fn abs_i64(a: vec2<u32>) -> vec2<u32> {
  return select(a, neg_i64(a), (a.y >> 31u) == 1u);
}`,
  mul_i64: `
fn mul_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let low = mul_u32(a.x, b.x);
  return vec2<u32>(low.x, low.y + a.x * b.y + a.y * b.x);
}`,
  // of the least number the size is 2^63: a u64 holds it
  div_i64: `
fn div_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  if (all(b == vec2<u32>())) { return a; }
  let whole = divide_u64(abs_i64(a), abs_i64(b)).whole;
  return select(whole, neg_i64(whole), ((a.y ^ b.y) >> 31u) == 1u);
}`,
  rem_i64: `
fn rem_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  if (all(b == vec2<u32>())) { return vec2<u32>(); }
  let rest = divide_u64(abs_i64(a), abs_i64(b)).rest;
  return select(rest, neg_i64(rest), (a.y >> 31u) == 1u);
}`,
  min_i64: `
fn min_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  return select(a, b, lt_i64(b, a));
}`,
  max_i64: `
fn max_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  return select(a, b, lt_i64(a, b));
}`,
  and_i64: "fn and_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> { return a & b; }",
  or_i64: "fn or_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> { return a | b; }",
  xor_i64: "fn xor_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> { return a ^ b; }",
  not_i64: "fn not_i64(a: vec2<u32>) -> vec2<u32> { return ~a; }",
  shl_i64: `
fn shl_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  return shl_u64(a, b.x);
}`,
  // of a negative number the complement comes in from above
  shr_i64: `
fn shr_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let sign = vec2<u32>(select(0u, 0xffffffffu, (a.y >> 31u) == 1u));
  return shr_u64(a ^ sign, b.x) ^ sign;
}`,
  eq_i64: "fn eq_i64(a: vec2<u32>, b: vec2<u32>) -> bool { return all(a == b); }",
  lt_i64: `
fn lt_i64(a: vec2<u32>, b: vec2<u32>) -> bool {
  let top = vec2<u32>(0u, 0x80000000u);
  return less_u64(a ^ top, b ^ top);
}`,
  le_i64: `
fn le_i64(a: vec2<u32>, b: vec2<u32>) -> bool {
  return !lt_i64(b, a);
}`,
  fma_i64: `
fn fma_i64(a: vec2<u32>, b: vec2<u32>, c: vec2<u32>) -> vec2<u32> {
  return add_i64(mul_i64(a, b), c);
}`,

  bool_to_i64: "fn bool_to_i64(a: bool) -> vec2<u32> { return vec2<u32>(select(0u, 1u, a), 0u); }",
  u32_to_i64: "fn u32_to_i64(a: u32) -> vec2<u32> { return vec2<u32>(a, 0u); }",
  i32_to_i64: `
fn i32_to_i64(a: i32) -> vec2<u32> {
  return vec2<u32>(bitcast<u32>(a), bitcast<u32>(a >> 31u));
}`,
  i64_to_bool: "fn i64_to_bool(a: vec2<u32>) -> bool { return (a.x | a.y) != 0u; }",
  i64_to_u32: "fn i64_to_u32(a: vec2<u32>) -> u32 { return a.x; }",
  i64_to_i32: "fn i64_to_i32(a: vec2<u32>) -> i32 { return bitcast<i32>(a.x); }",
  // 24 bits stay; half of the last is added, and one more where it is odd
  i64_to_f32: `
fn i64_to_f32(a: vec2<u32>) -> f32 {
  let size = abs_i64(a);
  let zeros = clz_u64(size);
  let m = shl_u64(size, zeros);
  let kept = m.y >> 8u;
  let lost = (m.y << 24u) | select(0u, 1u, m.x != 0u);
  let up = (lost > 0x80000000u) | ((lost == 0x80000000u) & ((kept & 1u) == 1u));
  let bits = ((189u - zeros) << 23u) + kept + select(0u, 1u, up);
  return bitcast<f32>(select(bits | (a.y & 0x80000000u), 0u, zeros == 64u));
}`,
});
