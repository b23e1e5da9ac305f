/** Random values of REL: those at which engines part, and others. Knows no tree. */
import { mix32 } from "../../src/ir/mix32.ts";
import type { CellElem } from "../../src/ir/rel.ts";
import type { Draw, Scalar } from "../../src/ir/rel-ops/record.ts";

export interface Drawing extends Draw {
  readonly pick: <T>(from: readonly T[]) => T;
}
export function drawing(seed: number): Drawing {
  let count = 0;
  const below = (n: number): number => Math.floor((mix32(mix32(seed) ^ count++) / 2 ** 32) * n);
  return { below, pick: from => from[below(from.length)]! };
}
const FLOATS = [
  0,
  -0,
  1,
  -1,
  Number.NaN,
  Infinity,
  -Infinity,
  0.1,
  2.5,
  -2.5,
  3.5,
  0.5,
  -0.5,
  1e300,
  -1e300,
  5e-324,
  1e-7,
  1e-5,
  1e16,
  1e21,
];
const WIDE = [2 ** 31, -(2 ** 31), 2 ** 53, 2 ** 63, -(2 ** 63), 1.5e19, 123456789.5, 3.4028235677973366e38, 16777217];
const TEXTS = [
  ...[
    "",
    "a",
    "A",
    "b",
    "ab",
    "it's",
    'say "x"',
    "é",
    "É",
    "ß",
    "İ",
    "Σας",
    "𝒳y",
    "\uffff",
    "a\nb",
    " x\t",
    "a.b",
    "\\1$1",
    "ＡＢ",
    "ᾳ",
  ],
  ...[
    "0",
    "1",
    "-2.5",
    " +7 ",
    "1e3",
    ".5",
    "5.",
    "nan",
    "-Inf",
    "infinity",
    "true",
    "FALSE",
    "1_0",
    "0x1",
    "1e400",
    "99999999999",
  ],
  ...[
    "2020-01-02",
    "2020-02-30",
    "20210305",
    "05.03.2021 12:30",
    "5.3.2021 1:3",
    "Mar 05 68",
    "Mar 05 69",
    "May 2021 (100%)",
  ],
  ...["2020-01-02T03:04:05.5", "0000-01-01", "2020-12-31T24:00:00.0", "one two  three\tfour", " a a b ", "a\nb\n"],
];
const INSTANTS = [
  0n,
  -1n,
  86_399_999_999n,
  1_577_934_245_500_000n,
  951_782_400_000_000n,
  -62_135_596_800_000_001n,
  253_402_300_800_000_000n,
];

/** `few`: of few values, so that they meet again */
export function value(e: CellElem, d: Drawing, few = false): Scalar {
  switch (e) {
    case "bool":
      return d.below(2) === 1;
    case "i32":
      return few ? d.below(4) : d.pick([0, 1, -1, 2 ** 31 - 1, -(2 ** 31), d.below(100) - 50, d.below(2 ** 32) | 0]);
    case "i64":
      return few
        ? BigInt(d.below(3)) - 1n
        : d.pick([0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, BigInt(d.below(1000)) - 500n, wide(d)]);
    case "f32":
      return Math.fround(float(d, few));
    case "f64":
      return float(d, few);
    case "string":
      return few ? d.pick(TEXTS.slice(0, 12)) : d.pick([...TEXTS, d.pick(TEXTS) + d.pick(TEXTS)]);
    case "time":
      return few
        ? BigInt(d.below(3)) * 86_400_000_000n
        : d.pick([...INSTANTS, BigInt(d.below(2 ** 32)) * 400_003n, 2n ** 63n - 1n, -(2n ** 63n)]);
    default:
      return e satisfies never;
  }
}
const wide = (d: Drawing): bigint => BigInt.asIntN(64, (BigInt(d.below(2 ** 32)) << 32n) | BigInt(d.below(2 ** 32)));
const float = (d: Drawing, few: boolean): number =>
  few
    ? d.pick([0, -0, 1, 2.5, Number.NaN, Infinity])
    : d.pick([...FLOATS, ...WIDE, d.below(2 ** 32) / 2 ** 20 - 2048, (d.below(2 ** 32) / 2 ** 32) * 8 - 4]);
