/** Whole programs of i64 and f64 on GPUs, against V8: its BigInts, and its f64, which are IEEE 754's. Each element to the bit. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type TensorData, view } from "../../src/runtime/dtype.ts";
import { formatOf } from "../../src/runtime/formats/index.ts";
import { seeded } from "../ir/grow.ts";
import { temporary } from "../runtime/temporary.ts";
import { onEachAdapter } from "./device.ts";
import { played } from "./play.ts";

const COUNT = 400;
const npy = formatOf("npy");
const rng = seeded(64);
const word = (): bigint => BigInt(rng.int(2 ** 16)) | (BigInt(rng.int(2 ** 16)) << 16n);
const anyBits = (): bigint => BigInt.asIntN(64, word() | (word() << 32n));
const MIN = -(2n ** 63n);
const EDGES = [0n, 1n, -1n, 2n, 7n, -10n, 2n ** 32n, 2n ** 32n - 1n, -(2n ** 32n), 2n ** 53n + 1n, 2n ** 63n - 1n, MIN];
/** of all sizes, and edges */
const whole = (): bigint => (rng.int(4) ? anyBits() >> BigInt(rng.int(64)) : rng.pick(EDGES));
const bits = new DataView(new ArrayBuffer(8));
const SPECIAL = [
  0,
  -0,
  1,
  -1,
  0.5,
  -1.5,
  2.5,
  5e-324,
  -(2 ** -1022),
  2 ** 52 + 0.5,
  2 ** 63,
  -(2 ** 63),
  1e308,
  -1e308,
];
/** any bits but NaN's, numbers near one, and special ones */
function number(): number {
  const kind = rng.int(3);
  if (kind === 0) return rng.pick([...SPECIAL, Infinity, -Infinity]);
  if (kind === 1) return rng.normal() * 10 ** (rng.int(8) - 3);
  bits.setBigInt64(0, anyBits());
  const v = bits.getFloat64(0);
  return Number.isNaN(v) ? 3 : v;
}
const x = BigInt64Array.from({ length: COUNT }, whole);
const y = BigInt64Array.from({ length: COUNT }, () => whole() || 1n);
const u = Float64Array.from({ length: COUNT }, number);
const v = Float64Array.from({ length: COUNT }, number);
const ids = Int32Array.from({ length: COUNT }, () => rng.int(COUNT));

const wrap = (a: bigint): bigint => BigInt.asIntN(64, a);
const size = (a: bigint): bigint => (a < 0n ? -a : a);
function floored(a: bigint, b: bigint): readonly [bigint, bigint] {
  const down = a % b !== 0n && a < 0n !== b < 0n;
  return down ? [a / b - 1n, (a % b) + b] : [a / b, a % b];
}
const clamp = (a: bigint, most: bigint): bigint => (a > most ? most : a < -most - 1n ? -most - 1n : a);
const toWhole = (a: number, most: bigint): bigint =>
  Number.isNaN(a)
    ? 0n
    : Math.abs(a) === Infinity
      ? clamp(a > 0 ? 2n ** 70n : -(2n ** 70n), most)
      : clamp(BigInt(Math.trunc(a)), most);
type Value = number | bigint;
const byValue = (a: Value, b: Value): number => (a < b ? -1 : a > b ? 1 : 0);
const each = (of: (i: number) => Value): readonly Value[] => Array.from({ length: COUNT }, (_, i) => of(i));

const CASES: Readonly<Record<string, readonly [program: string, expected: readonly Value[]]>> = {
  add: ["x + y", each(i => wrap(x[i]! + y[i]!))],
  sub: ["x - y", each(i => wrap(x[i]! - y[i]!))],
  mul: ["x * y", each(i => wrap(x[i]! * y[i]!))],
  div: ["div(x, y)", each(i => wrap(floored(x[i]!, y[i]!)[0]))],
  rem: ["x % y", each(i => floored(x[i]!, y[i]!)[1])],
  neg: ["-x", each(i => wrap(-x[i]!))],
  abs: ["abs(x)", each(i => wrap(size(x[i]!)))],
  less: ["where(x < y, x, y)", each(i => (x[i]! < y[i]! ? x[i]! : y[i]!))],
  wide: ["f64(x)", each(i => Number(x[i]!))],
  low: ["i32(x)", each(i => Number(BigInt.asIntN(32, x[i]!)))],
  sum: ["sum(x)", [wrap(x.reduce((a, b) => a + b, 0n))]],
  most: ["max(x)", [x.reduce((a, b) => (a > b ? a : b))]],
  where: ["argmax(x)", [x.indexOf(x.reduce((a, b) => (a > b ? a : b)))]],
  sorted: ["sort(x)", [...x].sort(byValue)],
  taken: ["x[ids]", each(i => x[ids[i]!]!)],
  sums: ["scatter_add(zeros_like(x), ids, y)", scattered()],
  fadd: ["u + v", each(i => u[i]! + v[i]!)],
  fsub: ["u - v", each(i => u[i]! - v[i]!)],
  fmul: ["u * v", each(i => u[i]! * v[i]!)],
  fdiv: ["u / v", each(i => u[i]! / v[i]!)],
  root: ["sqrt(abs(u))", each(i => Math.sqrt(Math.abs(u[i]!)))],
  floor: ["floor(u)", each(i => Math.floor(u[i]!))],
  ceil: ["ceil(u)", each(i => Math.ceil(u[i]!))],
  fless: ["where(u < v, u, v)", each(i => (u[i]! < v[i]! ? u[i]! : v[i]!))],
  fmax: ["maximum(u, v)", each(i => Math.max(u[i]!, v[i]!))],
  whole: ["i64(u)", each(i => toWhole(u[i]!, 2n ** 63n - 1n))],
  word: ["i32(u)", each(i => Number(toWhole(u[i]!, 2n ** 31n - 1n)))],
  single: ["f32(u)", each(i => Math.fround(u[i]!))],
  // no sign of 0 is kept, on a CPU neither
  fsorted: ["sort(floor(u / 1e300))", [...u].map(a => Math.floor(a / 1e300) + 0).sort(byValue)],
};
function scattered(): readonly bigint[] {
  const out = new BigInt64Array(COUNT);
  ids.forEach((at, i) => {
    out[at]! += y[i]!;
  });
  return [...out];
}

onEachAdapter("i64 and f64", gpu => {
  it("are those of V8", { timeout: 240_000 }, async () => {
    const folder = temporary();
    const write = (name: string, store: "i64" | "f64" | "i32", a: BigInt64Array | Float64Array | Int32Array): void =>
      writeFileSync(
        join(folder, `${name}.npy`),
        Buffer.concat([...npy.encodeTensor!({ store, shape: [COUNT], bytes: new Uint8Array(a.buffer) })]),
      );
    for (const [name, a] of Object.entries({ x, y })) write(name, "i64", a);
    for (const [name, a] of Object.entries({ u, v })) write(name, "f64", a);
    write("ids", "i32", ids);
    const sources = ["x", "y", "u", "v", "ids"].map(n => `let ${n} = npy("${n}.npy")\n`);
    const saves = Object.entries(CASES).map(([name, [program]]) => `save ${program} to "out_${name}.npy"\n`);
    writeFileSync(join(folder, "a.hs"), [...sources, ...saves].join(""));
    expect(await played(gpu, { folder, file: join(folder, "a.hs") })).not.toHaveProperty("refused");
    for (const [name, [, expected]] of Object.entries(CASES)) {
      const t: TensorData = npy.tensor!(join(folder, `out_${name}.npy`), undefined);
      const got = view(t.store, t.bytes);
      expect([name, got.length]).toEqual([name, expected.length]);
      const wrong = expected.flatMap((e, i) => (Object.is(got[i], e) ? [] : [[x[i], y[i], u[i], v[i], got[i], e]]));
      expect(wrong.slice(0, 3), name).toEqual([]);
    }
  });
});
