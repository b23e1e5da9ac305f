/** What the records' kernel rules say, walked as KERNELs in f64, is what GRAPH means. */
import { describe, expect, it } from "vitest";
import { bound, compare } from "../../src/ir/bound.ts";
import { evaluate, type Fault } from "../../src/ir/interp.ts";
import type { Tensor } from "../../src/ir/kernel.ts";
import { type Meaning, meaning } from "../../src/ir/kernel-interp.ts";
import { accessesOf } from "../../src/ir/kernel-walk.ts";
import { plain } from "../../src/ir/layout.ts";
import { rowMajor, step } from "../../src/ir/map.ts";
import { type Fn, fn, type Node } from "../../src/ir/node.ts";
import type { TensorValue, Value } from "../../src/ir/op.ts";
import * as o from "../../src/ir/ops/index.ts";
import { allOps } from "../../src/ir/ops/index.ts";
import { print } from "../../src/ir/text.ts";
import { atN, N, sizeOf, tensor } from "../../src/ir/type.ts";
import { tabulate, tensorOf, tensorValue } from "../../src/ir/value.ts";
import { fuse, type Given } from "../../src/passes/fuse.ts";
import { grow, PARAMS, parameters, seeded, valuesOf } from "./grow.ts";

/** the results of f by walking its kernels; the faults are the last kernel's */
function walk(f: Fn, args: readonly Value[], n: number): { values: readonly TensorValue[]; faults: Meaning["faults"] } {
  const memory = new Map<string, TensorValue>();
  const given = new Map<Node, Given>();
  f.params.forEach((p, i) => {
    if (p.k !== "tensor") throw new Error("a parameter that is no tensor");
    given.set(o.parameter(i, p), { name: `x${i}`, store: p.elem, shape: p.shape, layout: plain(p.shape) });
    memory.set(`x${i}`, tensorOf(args[i]));
  });
  const { kernels, stored } = fuse(f.results, given, x => `t${x.id}`);
  const read = (t: Tensor, at: readonly number[]) => {
    const held = memory.get(t.name);
    if (!held) throw new Error(`${t.name} is read before it is stored`);
    // a reshape of a stored tensor is the tensor under another shape
    const strides = rowMajor(t.shape.map(d => atN(d, n)));
    return held.data[at.reduce((p, x, d) => p + x * strides[d]!, 0)]!;
  };
  let faults: Meaning["faults"] = new Map();
  for (const k of kernels) {
    const m = meaning(k, n, read);
    faults = m.faults;
    for (const { of } of accessesOf(k).writes)
      if (!of.local) memory.set(of.name, gathered(of, m.stored.get(of.name) ?? new Map(), n));
  }
  const values = f.results.map(r => {
    const t = stored.get(r)!;
    return { ...memory.get(t.name)!, shape: t.shape.map(d => atN(d, n)) };
  });
  return { values, faults };
}
function gathered(of: Tensor, cells: ReadonlyMap<string, { readonly value: number | bigint }>, n: number) {
  const shape = of.shape.map(d => atN(d, n));
  const at = shape.map(() => 0);
  if (of.store !== "i64" && of.store !== "f32" && of.store !== "i32" && of.store !== "u32" && of.store !== "bool")
    throw new Error(`a test of ${of.store}`);
  const value = tabulate(of.store, shape, () => {
    const cell = cells.get(at.join());
    if (!cell) throw new Error(`${of.name}[${at}] is not stored`);
    step(at, shape);
    return cell.value;
  });
  expect(cells.size, "each element once").toBe(sizeOf(shape));
  return value;
}
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
it("random graphs as kernels, almost all decided", () => {
  let [undecided, elements] = [0, 0];
  for (let seed = 0; seed < 60; seed++) {
    const f = grow(seeded(seed + 500), 10);
    for (const n of [1, 3]) {
      const c = agree(f, valuesOf(f, n, seeded(seed)), n);
      undecided += c.undecided;
      elements += c.elements;
    }
  }
  expect(undecided / elements).toBeLessThan(0.05);
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
