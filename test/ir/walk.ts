/** A function of tensors by its KERNELs: fuse, then each kernel's meaning in f64. Knows no layout and no schedule. */
import type { Tensor } from "../../src/ir/kernel.ts";
import { type Meaning, meaning } from "../../src/ir/kernel-interp.ts";
import { accessesOf } from "../../src/ir/kernel-walk.ts";
import { plain } from "../../src/ir/layout.ts";
import { rowMajor, step } from "../../src/ir/map.ts";
import { type Fn, type Node, topological } from "../../src/ir/node.ts";
import type { TensorValue, Value } from "../../src/ir/op.ts";
import { parameter } from "../../src/ir/ops/index.ts";
import { atN, sizeOf } from "../../src/ir/type.ts";
import { tabulate, tensorOf } from "../../src/ir/value.ts";
import { fuse as byRules, type Given } from "../../src/passes/fuse/index.ts";

export interface Walked {
  readonly values: readonly TensorValue[];
  /** the least failing record by site, of all kernels */
  readonly faults: Meaning["faults"];
}
/** the results of f, for n records */
export function walk(f: Fn, args: readonly Value[], n: number, fuse: typeof byRules = byRules): Walked {
  const memory = new Map<string, TensorValue>();
  const given = new Map<Node, Given>();
  f.params.forEach((p, i) => {
    if (p.k !== "tensor") throw new Error("a parameter that is no tensor");
    given.set(parameter(i, p), { name: `x${i}`, store: p.elem, shape: p.shape, layout: plain(p.shape) });
    memory.set(`x${i}`, tensorOf(args[i]));
  });
  // constants lie in memory before anything runs
  const cx = { n, call: () => [], fault: () => {} };
  for (const x of topological(f.results)) {
    if (x.op.kernel.k !== "stored" || x.type.k !== "tensor") continue;
    const { elem, shape } = x.type;
    given.set(x, { name: `c${x.id}`, store: elem, shape, layout: plain(shape) });
    memory.set(`c${x.id}`, tensorOf(x.op.eval([], x, cx)));
  }
  const { kernels, stored } = fuse(f.results, given, x => `t${x.id}`);
  const read = (t: Tensor, at: readonly number[]) => {
    const held = memory.get(t.name);
    if (!held) throw new Error(`${t.name} is read before it is stored`);
    // a reshape of a stored tensor is the tensor under another shape
    const strides = rowMajor(t.shape.map(d => atN(d, n)));
    return held.data[at.reduce((p, x, d) => p + x * strides[d]!, 0)]!;
  };
  const faults = new Map<number, number>();
  for (const k of kernels) {
    const m = meaning(k, n, read);
    for (const [site, record] of m.faults) faults.set(site, Math.min(record, faults.get(site) ?? record));
    for (const { of } of accessesOf(k).writes)
      if (!of.local) memory.set(of.name, gathered(of, m.stored.get(of.name) ?? new Map(), n));
  }
  const values = f.results.map(r => {
    const t = stored.get(r)!;
    return { ...memory.get(t.name)!, shape: t.shape.map(d => atN(d, n)) };
  });
  return { values, faults };
}
function gathered(of: Tensor, cells: ReadonlyMap<string, { readonly value: number | bigint }>, n: number): TensorValue {
  const { store } = of;
  const shape = of.shape.map(d => atN(d, n));
  const at = shape.map(() => 0);
  if (store === "u8" || store === "i8" || store === "u16" || store === "bf16")
    throw new Error(`a kernel stores ${of.name} as ${store}`);
  const value = tabulate(store, shape, () => {
    const cell = cells.get(at.join());
    if (!cell) throw new Error(`${of.name}[${at}] is not stored`);
    step(at, shape);
    return cell.value;
  });
  if (cells.size !== sizeOf(shape)) throw new Error(`${of.name} is stored at ${cells.size} places of [${shape}]`);
  return value;
}
