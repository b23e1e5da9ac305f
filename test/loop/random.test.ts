/** Random kernels: the text is read back, what the verifier passes the interpreter runs, and WebAssembly does the same bit for bit. */
import { expect, test } from "vitest";
import type { LoopKernel } from "../../src/ir/loop.ts";
import { bytesAt, type Data, extentAt, storage } from "../../src/ir/loop-data.ts";
import { interpret } from "../../src/ir/loop-interp.ts";
import { parseLoop, printLoop } from "../../src/ir/loop-text.ts";
import { verifyLoop } from "../../src/ir/loop-verify.ts";
import { loaded } from "../../src/ir/type.ts";
import { compiledAll } from "../wasm/harness.ts";
import { randomKernel } from "./generate.ts";
import { anyValue, random } from "./values.ts";

const RECORDS = [1, 20, 48];
const filled = (k: LoopKernel, n: number, seed: number): Map<string, Data> => {
  const next = random(seed);
  return new Map(
    k.params.map(p => {
      const d = storage(p.store, extentAt(p, n));
      for (let i = 0; i < d.length; i++) {
        const v = anyValue(loaded(p.store), next);
        if (d instanceof BigInt64Array) d[i] = BigInt(v);
        else d[i] = typeof v === "number" && Math.abs(v) < 1e9 ? Math.round(v * 4) / 4 : Number(v);
      }
      return [p.name, d];
    }),
  );
};
const copies = (m: ReadonlyMap<string, Data>): Map<string, Data> => new Map([...m].map(([k, d]) => [k, d.slice()]));
/** the first element that differs; all NaN are one */
function difference(a: ReadonlyMap<string, Data>, b: ReadonlyMap<string, Data>): string | undefined {
  for (const [name, x] of a) {
    const y = b.get(name)!;
    for (let i = 0; i < x.length; i++) if (!Object.is(x[i], y[i])) return `${name}[${i}]: ${x[i]} and ${y[i]}`;
  }
  return undefined;
}

const SEEDS = Array.from({ length: Number(process.env["HSC_LOOP_PROGRAMS"] ?? 300) }, (_, i) => i + 1);
test("random kernels mean the same everywhere", { timeout: 600_000 }, () => {
  const kernels = SEEDS.map(seed => randomKernel(seed, `k${seed}`));
  const good = kernels.filter(k => {
    const { errors, unproved } = verifyLoop(k);
    expect(errors).toEqual([]);
    return unproved.length === 0;
  });
  // most are valid, some have a place outside
  expect(good.length).toBeGreaterThan(kernels.length / 2);
  expect(good.length).toBeLessThan(kernels.length);
  const relaxed = compiledAll(good, "relaxed");
  const simd = compiledAll(good, "simd");
  for (const k of good)
    for (const n of RECORDS) {
      expect(k.params.every(p => bytesAt(p, n) > 0)).toBe(true);
      const start = filled(k, n, n);
      const meant = (rounded: "once" | "twice"): Map<string, Data> => {
        const m = copies(start);
        interpret(k, m, n, { rounded });
        return m;
      };
      const twice = meant("twice");
      const items = Math.ceil(n / 16);
      expect({
        kernel: k.name,
        n,
        build: "simd",
        differs: difference(simd(k.name, start, n, 0, items), twice),
      }).toEqual({ kernel: k.name, n, build: "simd", differs: undefined });
      const fused = relaxed(k.name, start, n, 0, items);
      // relaxed madd rounds once or twice: the machine's choice
      const differs = difference(fused, twice) && difference(fused, meant("once"));
      expect({ kernel: k.name, n, build: "relaxed", differs }).toEqual({
        kernel: k.name,
        n,
        build: "relaxed",
        differs: undefined,
      });
    }
});

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])("text of random kernel %i is read back", seed => {
  for (let i = 0; i < 10; i++) {
    const k = randomKernel(seed * 100 + i);
    const text = printLoop(k);
    expect(parseLoop(text)).toEqual(k);
    expect(printLoop(parseLoop(text))).toBe(text);
  }
});
