/** Halves on GPUs, as words of 16 bits: every f16, and floats near the middle between two of them, as V8 rounds them. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { TensorData } from "../../src/runtime/dtype.ts";
import { formatOf } from "../../src/runtime/formats/index.ts";
import { seeded } from "../ir/grow.ts";
import { temporary } from "../runtime/temporary.ts";
import { onEachAdapter } from "./device.ts";
import { played } from "./play.ts";

const COUNT = 65_536;
const npy = formatOf("npy");
const bytesOf = (a: Float16Array | Float32Array): Uint8Array => new Uint8Array(a.buffer, a.byteOffset, a.byteLength);
const write = (path: string, store: "f16" | "f32", a: Float16Array | Float32Array): void =>
  writeFileSync(path, Buffer.concat([...npy.encodeTensor!({ store, shape: [a.length], bytes: bytesOf(a) })]));

const x = new Float16Array(Uint16Array.from({ length: COUNT }, (_, i) => i).buffer);
const y = new Float16Array(Uint16Array.from({ length: COUNT }, (_, i) => Math.imul(i, 40_503) >>> 0).buffer);
const rng = seeded(65_536);
/** halves, the middle above each and its neighbours of f32, and others */
const z = Float32Array.from({ length: COUNT }, (_, i) => {
  const a = x[i & 0x7bff]!;
  const middle = (a + new Float16Array(Uint16Array.of((i & 0x7bff) + 1).buffer)[0]!) / 2;
  const kinds = [a, middle, middle * (1 + 2 ** -22), middle * (1 - 2 ** -22), rng.normal() * 10 ** (rng.int(12) - 7)];
  return (i & 0x8000 ? -1 : 1) * kinds[rng.int(kinds.length)]!;
});
const CASES: readonly (readonly [name: string, program: string, of: (i: number) => number])[] = [
  ["add", "x + y", i => Math.f16round(x[i]! + y[i]!)],
  ["mul", "x * y", i => Math.f16round(x[i]! * y[i]!)],
  ["sub", "x - f16(2) * y", i => Math.f16round(x[i]! - Math.f16round(2 * y[i]!))],
  ["neg", "-x", i => -x[i]!],
  ["abs", "abs(x)", i => Math.abs(x[i]!)],
  ["wide", "f32(x)", i => x[i]!],
  ["half", "f16(z)", i => Math.f16round(z[i]!)],
  ["less", "f32(where(x < y, 1, 0))", i => (x[i]! < y[i]! ? 1 : 0)],
];

onEachAdapter("every f16", gpu => {
  it("in each operation that is exact, rounded once", { timeout: 120_000 }, async () => {
    const folder = temporary();
    const at = (name: string): string => join(folder, name);
    write(at("x.npy"), "f16", x);
    write(at("y.npy"), "f16", y);
    write(at("z.npy"), "f32", z);
    const sources = ["x", "y", "z"].map(n => `let ${n} = npy("${n}.npy")\n`);
    const saves = CASES.map(([name, program]) => `save ${program} to "${name}.npy"\n`);
    writeFileSync(at("a.hs"), [...sources, ...saves].join(""));
    const got = await played(gpu, { folder, file: at("a.hs") });
    expect(got).not.toHaveProperty("refused");
    for (const [name, , of] of CASES) {
      const t: TensorData = npy.tensor!(at(`${name}.npy`), undefined);
      const values =
        t.store === "f16" ? new Float16Array(t.bytes.slice().buffer) : new Float32Array(t.bytes.slice().buffer);
      expect(values.length).toBe(COUNT);
      const wrong = Array.from(values, (v, i) => [i, v, of(i)] as const).filter(([, v, e]) => !Object.is(v, e));
      expect(wrong.slice(0, 5), name).toEqual([]);
    }
    expect(readFileSync(at("half.npy")).length).toBeLessThan(3 * COUNT);
  });
});
