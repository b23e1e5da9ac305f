/** Bytes read in words: the same values as byte by byte, and only where rows are whole words. */
import { describe, expect, it } from "vitest";
import type { Kernel, Tensor, Val } from "../../src/ir/kernel.ts";
import { meaning } from "../../src/ir/kernel-interp.ts";
import { along } from "../../src/ir/kernel-walk.ts";
import { folded, plain } from "../../src/ir/layout.ts";
import { type Dim, N } from "../../src/ir/type.ts";
import { inWords } from "../../src/passes/words.ts";

/** y[n, ..] = x[rows[n], ..] / 255; `wide`: extents of y beyond those of x, where `fill` is read */
function normalised(row: readonly number[], wide = row, fill = 0): Kernel {
  const tensor = (name: string, store: Tensor["store"], shape: readonly Dim[]): Tensor => ({
    name,
    store,
    shape,
    layout: plain(shape),
  });
  const x = tensor("x", "u8", [Number.POSITIVE_INFINITY, ...row]);
  const rows = tensor("rows", "u32", [Number.POSITIVE_INFINITY]);
  const y: Tensor = { ...tensor("y", "f32", [N, ...wide]), layout: folded([N, ...wide]) };
  const axes = [N, ...wide].map((extent, d) => ({ name: `i${d}`, extent, role: "parallel" as const }));
  const at = axes.map(a => along(a.name));
  const gather: Val = { k: "read", from: { of: rows, index: [at[0]!] } };
  const byte: Val = { k: "read", from: { of: x, index: [{ base: 0, terms: [], gather }, ...at.slice(1)], fill } };
  const f32 = (v: Val): Val => ({ k: "prim", prim: "cast", args: [v], elem: "f32" });
  const div: Val = { k: "prim", prim: "div", args: [f32(byte), { k: "const", value: 255, elem: "f32" }] };
  return {
    name: "normalised",
    covers: [],
    phases: [{ axes, reduce: [], then: [{ to: { of: y, index: at }, value: div }] }],
  };
}
/** what the kernel stores, by place in memory: rows are flattened on the way */
function stored(k: Kernel, n: number, row: readonly number[]): readonly number[] {
  const size = row.reduce((a, b) => a * b, 1);
  const byte = (r: number, i: number): number => (r * 37 + i * 101 + ((r * i) % 7)) % 256;
  const input = (t: Tensor, at: readonly number[]): number => {
    if (t.name === "rows") return (at[0]! * 5) % 11;
    const flat = at.slice(1).reduce((x, c, d) => x * (t.shape[d + 1] as number) + c, 0);
    if (t.store === "u8") return byte(at[0]!, flat);
    return [0, 1, 2, 3].reduce((w, b) => w | (byte(at[0]!, 4 * flat + b) << (8 * b)), 0);
  };
  const out = new Array<number>(n * size).fill(Number.NaN);
  for (const [coordinates, { value }] of meaning(k, n, input).stored.get("y") ?? []) {
    const c = coordinates.split(",").map(Number);
    const shape = k.phases[0]!.then.flatMap(t => ("to" in t ? t.to.of.shape : []));
    out[c.reduce((x, i, d) => (d ? x * (shape[d] as number) + i : i), 0)] = Number(value);
  }
  return out;
}
describe("bytes in words", () => {
  it("are the same bytes", () => {
    for (const row of [[12], [3, 8], [2, 3, 2], [28, 28]]) {
      const k = normalised(row);
      const wide = inWords(k);
      expect(wide.phases[0]!.axes.map(a => a.extent)).toEqual([N, row.reduce((a, b) => a * b, 1) / 4, 4]);
      for (const n of [0, 1, 5]) expect(stored(wide, n, row)).toEqual(stored(k, n, row));
    }
  });
  it("and what is read beyond them", () => {
    for (const [row, padded] of [
      [[12], [16]],
      [
        [3, 8],
        [3, 12],
      ],
    ] as const)
      for (const fill of [0, 7]) {
        const k = normalised(row, padded, fill);
        for (const n of [0, 1, 5]) expect(stored(inWords(k), n, padded)).toEqual(stored(k, n, padded));
      }
  });
  it("only where a row is whole words", () => {
    for (const row of [[10], [3, 5], [1]])
      expect(inWords(normalised(row)).phases[0]!.axes.map(a => a.extent)).toEqual([N, row.reduce((a, b) => a * b, 1)]);
  });
});
