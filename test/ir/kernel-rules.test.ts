/** What the records' kernel rules say, walked as KERNELs in f64, is what GRAPH means. */
import { describe, expect, it } from "vitest";
import { bound, compare } from "../../src/ir/bound.ts";
import { evaluate, type Fault } from "../../src/ir/interp.ts";
import { type Fn, fn, type Node } from "../../src/ir/node.ts";
import type { Value } from "../../src/ir/op.ts";
import * as o from "../../src/ir/ops/index.ts";
import { allOps } from "../../src/ir/ops/index.ts";
import { print } from "../../src/ir/text.ts";
import { N, tensor } from "../../src/ir/type.ts";
import { tensorValue } from "../../src/ir/value.ts";
import { PARAMS, parameters, seeded, valuesOf } from "./grow.ts";
import { walk } from "./walk.ts";

function agree(f: Fn, args: readonly Value[], n: number): { undecided: number; elements: number } {
  const want = bound(f, args, n);
  const { values } = walk(f, args, n);
  const all = values.map((v, i) => compare(v, want[i]!));
  for (const [i, c] of all.entries()) expect(c.wrong && `n ${n}, result ${i}: ${c.wrong}\n${print(f)}`).toBeUndefined();
  const total = (of: (c: (typeof all)[number]) => number) => all.reduce((s, c) => s + of(c), 0);
  return { undecided: total(c => c.undecided), elements: total(c => c.elements) };
}

describe("each op as a kernel", () => {
  it.each(allOps().flatMap(op => (op.sample ? [[op.name, op] as const] : [])))("%s", (_name, op) => {
    const rng = seeded(11);
    const made = new Set<Node>();
    for (let i = 0; i < 200 && made.size < 10; i++) {
      const x = op.sample!(rng, parameters());
      if (x && x.op === op) made.add(x);
    }
    expect(made.size).toBeGreaterThan(0);
    for (const x of made) {
      const f = fn(PARAMS, [x]);
      for (const n of [0, 1, 3]) agree(f, valuesOf(f, n, seeded(n)), n);
    }
  });
});
describe("kernels of", () => {
  it("concat of records, whose parts begin behind N", () => {
    const x = o.parameter(0, tensor("f32", [N, 2]));
    const y = o.parameter(1, tensor("f32", [3, 2]));
    const f = fn([x.type, y.type], [o.concat(0, [x, y, x])]);
    for (const n of [0, 1, 4]) agree(f, valuesOf(f, n, seeded(n)), n);
  });
  it("argreduce of NaN, ties and integers without a negative", () => {
    const x = o.parameter(0, tensor("f32", [6]));
    const i = o.parameter(1, tensor("i32", [3]));
    const arg = (by: "max" | "min", v: Node) => o.argreduce(by, [0], v);
    const f = fn([x.type, i.type], [arg("max", x), arg("min", x), arg("max", i), arg("min", i)]);
    const ints = tensorValue("i32", [3], [5, -2147483648, 5]);
    for (const values of [
      [1, 3, 3, 0, 0, 2],
      [1, Number.NaN, 9, Number.NaN, -9, 0],
    ])
      agree(f, [tensorValue("f32", [6], values), ints], 1);
  });
  it("check raise the least failing record", () => {
    const ids = o.parameter(0, tensor("i32", [N, 2]));
    const f = fn([ids.type], [o.check(4, 0, 5, ids)]);
    const args = [tensorValue("i32", [3, 2], [0, 4, 1, -1, 2, 9])];
    const seen: Fault[] = [];
    evaluate(f, args, 3, { fault: x => seen.push(x) });
    agree(f, args, 3);
    expect(walk(f, args, 3).faults).toEqual(new Map([[4, Math.min(...seen.map(s => s.record))]]));
  });
  it("a convolution and its gradients never store windows", () => {
    const x = o.parameter(0, tensor("f32", [N, 6, 2]));
    const w = o.parameter(1, tensor("f32", [3, 2, 4]));
    const windows = o.window(1, 3, 1, 1, o.pad([0, 1, 0], [0, 1, 0], [0, 0, 0], 0, x));
    const y = o.contract("npkc,kcd->npd", windows, w);
    const g = o.contract("npd,kcd->npkc", y, w);
    const rule = windows.op.grad;
    if (typeof rule === "string") throw new Error("window has a gradient");
    const back = rule(windows, [g])[0]!;
    const f = fn([x.type, w.type], [y, back]);
    for (const n of [1, 2]) agree(f, valuesOf(f, n, seeded(n)), n);
  });
});
