/** Fields that the kernel does not know: words for what is missing, nan and inf, numbers of many digits, truth, time. Knows no file. */

export type Store = "f64" | "f32" | "i32" | "i64" | "u8" | "i8" | "u16" | "u32" | "bool" | "time";

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const WORD = /^([+-]?)(nan|inf|infinity)$/i;
const INTEGER = /^[+-]?\d+$/;
const RANGES: { readonly [S in Store]?: readonly [bigint, bigint] } = {
  i32: [-(2n ** 31n), 2n ** 31n - 1n],
  i64: [-(2n ** 63n), 2n ** 63n - 1n],
  u8: [0n, 255n],
  i8: [-128n, 127n],
  u16: [0n, 65535n],
  u32: [0n, 2n ** 32n - 1n],
};
const TRUTH: Readonly<Record<string, number>> = { true: 1, "1": 1, false: 0, "0": 0 };

/** the value of a field that is there; undefined: it is none, or none that is understood here */
export function fieldValue(store: Store, field: string): number | bigint | undefined {
  const text = field.replace(/^ +| +$/g, "");
  switch (store) {
    case "f32":
    case "f64": {
      const word = WORD.exec(text);
      if (word) {
        const x = /^n/i.test(word[2]!) ? Number.NaN : Infinity;
        return word[1] === "-" ? -x : x;
      }
      if (!DECIMAL.test(text)) return undefined;
      return store === "f64" ? Number(text) : nearestSingle(text);
    }
    case "bool":
      return TRUTH[text.toLowerCase()];
    case "time":
      return instant(text);
    default: {
      const [low, high] = RANGES[store]!;
      const x = INTEGER.test(text) ? BigInt(text.replace(/^\+/, "")) : undefined;
      if (x === undefined || x < low || x > high) return undefined;
      return store === "i64" ? x : Number(x);
    }
  }
}

/** rounded once: where the nearest f64 lies just between two of f32, the decimal number decides */
function nearestSingle(text: string): number {
  const x = Number(text);
  const near = Math.fround(x);
  // between the largest of f32 and what would be next
  const last = Math.abs(x) === 2 ** 128 - 2 ** 103;
  if (!Number.isFinite(near) && !last) return near;
  const other = last ? Math.sign(x) * (2 ** 128 - 2 ** 104) : x + (x - near);
  if (near === x || Math.fround(other) !== other) return near;
  const above = compare(text, x);
  if (above === 0) return near;
  const [low, high] = [Math.min(near, other), Math.max(near, other)];
  return above > 0 ? high : low;
}
/** the sign of the decimal number less x */
function compare(text: string, x: number): number {
  const [, sign, whole, places = "", power = "0"] = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text)!;
  const ten = Number(power) - places.length;
  // x is a whole number of units of 2^-1074
  const scale = 1074;
  let [a, b] = [BigInt(`${whole}${places}`), 0n];
  const bits = new BigUint64Array(Float64Array.of(Math.abs(x)).buffer)[0]!;
  const exponent = Number(bits >> 52n);
  const fraction = bits & 0xfffffffffffffn;
  b = exponent === 0 ? fraction : (fraction | (1n << 52n)) << BigInt(exponent - 1);
  a <<= BigInt(scale);
  if (ten >= 0) a *= 10n ** BigInt(ten);
  else b *= 10n ** BigInt(-ten);
  const above = a > b ? 1 : a < b ? -1 : 0;
  return sign === "-" ? -above : above;
}

const TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?Z?)?$/;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** microseconds since 1970 began, in UTC */
function instant(text: string): bigint | undefined {
  const parts = TIME.exec(text);
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(x => Number(x ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = (DAYS[month - 1] ?? 0) + (leap ? 1 : 0);
  if (year < 1 || day < 1 || day > days || hour > 23 || minute > 59 || second > 59) return undefined;
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, day);
  at.setUTCHours(hour, minute, second);
  return BigInt(at.getTime()) * 1000n + BigInt((parts[7] ?? "").padEnd(6, "0"));
}
