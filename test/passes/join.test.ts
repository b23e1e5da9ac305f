/** Joined kernels mean what the kernels apart mean; which ones are joined. */
import { describe, expect, it } from "vitest";
import type { Access, Axis, Item, Kernel, Phase, Tensor, Val } from "../../src/ir/kernel.ts";
import { meaning } from "../../src/ir/kernel-interp.ts";
import { printKernel } from "../../src/ir/kernel-text.ts";
import { accessesOf, along } from "../../src/ir/kernel-walk.ts";
import { plain } from "../../src/ir/layout.ts";
import type { Prim } from "../../src/ir/prim.ts";
import { flatten } from "../../src/passes/flatten.ts";
import { join } from "../../src/passes/fuse/join.ts";

const tensor = (name: string, ...shape: number[]): Tensor => ({ name, store: "f32", shape, layout: plain(shape) });
const at = (of: Tensor, ...axes: string[]): Access => ({ of, index: axes.map(a => along(a)) });
const read = (of: Tensor, ...axes: string[]): Val => ({ k: "read", from: at(of, ...axes) });
const prim = (p: Prim, ...args: Val[]): Val => ({ k: "prim", prim: p, args });
const name = (n: string): Val => ({ k: "name", name: n });
const one: Val = { k: "const", value: 1, elem: "f32" };
const axes = (role: Axis["role"], sizes: Readonly<Record<string, number>>): readonly Axis[] =>
  Object.entries(sizes).map(([n, extent]) => ({ name: n, extent, role }));
const kernel = (title: string, phase: Phase): Kernel => ({ name: title, phases: [phase], covers: [] });
const map = (title: string, sizes: Readonly<Record<string, number>>, ...then: Item[]): Kernel =>
  kernel(title, { axes: axes("parallel", sizes), reduce: [], then });

/** elements of the tensors that the kernels leave, run one after the other */
function results(kernels: readonly Kernel[], of: readonly string[]): unknown {
  const known = new Map<string, ReadonlyMap<string, { readonly value: unknown }>>();
  for (const k of kernels) {
    const { stored } = meaning(k, 0, (t, c) => {
      const own = known.get(t.name);
      if (own) return Number(own.get(c.join())!.value);
      return c.reduce((s, x, d) => s + Math.sin(x * (d + 2) + t.name.length), 0.5);
    });
    for (const [t, cells] of stored) known.set(t, cells);
  }
  return of.map(t => [...known.get(t)!].map(([c, v]) => [c, v.value]));
}
function joined(kernels: readonly Kernel[], ...kept: string[]): readonly Kernel[] {
  const out = join(kernels, { kept: new Set(kept), level: () => 0 });
  expect(results(out, kept), out.map(k => printKernel(k)).join("\n")).toEqual(results(kernels, kept));
  return out;
}

const [x, w, b, t, u, y, z] = [
  tensor("x", 3, 4),
  tensor("w", 4, 5),
  tensor("b", 5),
  tensor("t", 3, 5),
  tensor("u", 3, 5),
  tensor("y", 3, 5),
  tensor("z", 3),
];
const dense = kernel("dense", {
  axes: [...axes("parallel", { i: 3, j: 5 }), ...axes("reduce", { k: 4 })],
  reduce: [{ name: "s", op: "add", value: prim("mul", read(x, "i", "k"), read(w, "k", "j")) }],
  then: [{ to: at(t, "i", "j"), value: name("s") }],
});
const bias = map("bias", { p: 3, q: 5 }, { to: at(u, "p", "q"), value: prim("add", read(t, "p", "q"), read(b, "q")) });
const relu = map("relu", { p: 3, q: 5 }, { to: at(y, "p", "q"), value: prim("max", read(u, "p", "q"), one) });

describe("join", () => {
  it("puts maps behind what they read", () => {
    const [only, ...more] = joined([dense, bias, relu], "y");
    expect(more).toEqual([]);
    expect(accessesOf(only!).writes.map(a => a.of.name)).toEqual(["y"]);
  });
  it("keeps what others read", () => {
    expect(joined([dense, bias, relu], "y", "t").flatMap(k => accessesOf(k).writes.map(a => a.of.name))).toEqual([
      "t",
      "y",
    ]);
  });
  it("puts maps before what reads them when a sweep is done", () => {
    const shift = map("shift", { p: 3, q: 5 }, { to: at(u, "p", "q"), value: prim("mul", read(y, "p", "q"), one) });
    const phase = dense.phases[0]!;
    const summed = {
      ...dense,
      phases: [{ ...phase, then: [{ to: at(t, "i", "j"), value: prim("add", name("s"), read(u, "i", "j")) }] }],
    };
    expect(joined([shift, summed], "t").length).toBe(1);
  });
  it("leaves the factors of a product as they are", () => {
    const scaled = map(
      "scale",
      { p: 3, q: 4 },
      { to: at(x, "p", "q"), value: prim("mul", read(tensor("in", 3, 4), "p", "q"), one) },
    );
    expect(joined([scaled, dense], "t").length).toBe(2);
  });
  it("closes no circle", () => {
    const sum = kernel("sum", {
      axes: [...axes("parallel", { p: 3 }), ...axes("reduce", { k: 5 })],
      reduce: [{ name: "s", op: "add", value: read(t, "p", "k") }],
      then: [{ to: at(z, "p"), value: name("s") }],
    });
    const rest = map(
      "rest",
      { p: 3, q: 5 },
      { to: at(y, "p", "q"), value: prim("sub", read(t, "p", "q"), read(z, "p")) },
    );
    const out = joined([dense, sum, rest], "y");
    expect(out.map(k => k.name)).toEqual(["dense", "sum", "rest"]);
  });
  it("sweeps once what two read", () => {
    const fold = (title: string, op: "max" | "add", to: Tensor): Kernel =>
      kernel(title, {
        axes: [...axes("parallel", { p: 3 }), ...axes("reduce", { k: 4 })],
        reduce: [{ name: "s", op, value: read(x, "p", "k") }],
        then: [{ to: at(to, "p"), value: name("s") }],
      });
    const out = joined(
      [fold("most", "max", z), fold("sum", "add", tensor("zz", 3)), fold("again", "max", tensor("zzz", 3))],
      "z",
      "zz",
      "zzz",
    );
    expect(out.length).toBe(1);
    expect(out[0]!.phases[0]!.reduce.length).toBe(2);
  });
  it("computes a read in place only where each element is read once", () => {
    const double = map(
      "double",
      { p: 3, q: 4 },
      { to: at(tensor("v", 3, 4), "p", "q"), value: prim("add", read(x, "p", "q"), one) },
    );
    const sum = (...more: readonly Axis[]): Kernel =>
      kernel("sum", {
        axes: [...axes("parallel", { p: 3 }), ...more, ...axes("reduce", { k: 4 })],
        reduce: [{ name: "s", op: "add", value: read(tensor("v", 3, 4), "p", "k") }],
        then: [{ to: more.length ? at(tensor("zz", 3, 2), "p", "m") : at(z, "p"), value: name("s") }],
      });
    expect(joined([double, sum()], "z").length).toBe(1);
    expect(joined([double, sum(...axes("parallel", { m: 2 }))], "zz").length).toBe(2);
  });
  it("computes what hangs on one element where it is read, however often", () => {
    const k = tensor("k");
    const here = { name: "e", value: prim("eq", { k: "axis", axis: "p" }, read(k)) };
    const mask = map("mask", { p: 3 }, here, { to: at({ ...z, store: "bool" }, "p"), value: prim("not", name("e")) });
    const chosen = (from: Tensor): Val => prim("select", read({ ...z, store: "bool" }, "p"), read(from, "p", "q"), one);
    const both = map(
      "both",
      { p: 3, q: 5 },
      { to: at(y, "p", "q"), value: chosen(t) },
      { to: at(u, "p", "q"), value: chosen(t) },
    );
    const [only, ...more] = joined([mask, both], "y", "u");
    expect(more).toEqual([]);
    expect(accessesOf(only!).reads.map(a => a.of.name)).toContain("k");
  });
  it("stores a state after it was read", () => {
    const s = tensor("s", 3, 5);
    const next = map("next", { p: 3, q: 5 }, { to: at(u, "p", "q"), value: prim("add", read(s, "p", "q"), one) });
    const moved = map(
      "moved",
      { p: 3, q: 5 },
      { to: at(y, "p", "q"), value: prim("sub", read(u, "p", "q"), read(s, "p", "q")) },
    );
    const [only] = joined([next, moved], "u", "y");
    const then = only!.phases[0]!.then;
    const lastRead = then.findLastIndex(i => "value" in i && i.value.k === "prim");
    expect(then.findIndex(i => "to" in i)).toBeGreaterThan(lastRead);
  });
});

describe("flatten", () => {
  it("walks runs of memory by one axis", () => {
    const [a, c] = [tensor("a", 3, 4, 5), tensor("c", 3, 4, 5)];
    const k = map(
      "add",
      { i: 3, j: 4, k: 5 },
      { to: at(a, "i", "j", "k"), value: prim("add", read(c, "i", "j", "k"), one) },
    );
    const flat = flatten(k);
    expect(flat.phases[0]!.axes.map(q => q.extent)).toEqual([60]);
  });
  it("keeps axes that a tensor walks in another order", () => {
    const [a, c] = [tensor("a", 4, 4), tensor("c", 4, 4)];
    const k = map(
      "max",
      { i: 4, j: 4 },
      { to: at(a, "i", "j"), value: prim("max", read(c, "i", "j"), read(c, "j", "i")) },
    );
    expect(flatten(k).phases[0]!.axes.length).toBe(2);
  });
});
