/**
 * KERNEL -> KERNEL for CPUs: bytes that a map reads one after the other along a row are read four at a time. Records in lanes lie in
 * rows far apart, so that each lane is a load of its own. Knows no op and no schedule.
 *
 *   y[n, i] = x[row[n], i] / 255, x u8   -->   y[n, 4 w + b] = (x'[row[n], w] >> 8 b & 255) / 255, b < 4
 */
import type { Access, Axis, Index, Kernel, Tensor, Val } from "../ir/kernel.ts";
import { accessesOf, along, rewriteKernel } from "../ir/kernel-walk.ts";
import { plain } from "../ir/layout.ts";
import { prim } from "../ir/ops/kernel-build.ts";
import type { Dim } from "../ir/type.ts";
import { flatten } from "./flatten.ts";
import { axesOf } from "./register-tile.ts";

const BYTES = 4;

/** the kernel itself where it reads no such bytes */
export function inWords(kernel: Kernel): Kernel {
  return accessesOf(kernel).reads.some(a => a.of.store === "u8") ? words(flatten(kernel)) : kernel;
}
function words(k: Kernel): Kernel {
  const [phase, ...more] = k.phases;
  if (!phase || more.length || phase.reduce.length || phase.each?.length) return k;
  const { reads } = accessesOf(k);
  const bytes = reads.find(a => a.of.store === "u8" && a.index.some(i => i.gather));
  const last = bytes?.index.at(-1);
  const axis = phase.axes.find(a => a.name === last?.terms[0]?.axis);
  if (!bytes || !last || !axis || reads.filter(a => a.of.name === bytes.of.name).length > 1) return k;
  // a word of what lies beyond would be the fill once, not four times
  if ((bytes.fill ?? 0) !== 0) return k;
  if (last.gather || last.base !== 0 || last.terms.length !== 1 || last.terms[0]!.by !== 1) return k;
  if (axesOf({ ...bytes, index: bytes.index.slice(0, -1) }).has(axis.name)) return k;
  const row = wordsOf(bytes.of);
  if (!row || typeof axis.extent !== "number" || axis.extent % BYTES) return k;

  const [w, b] = [`${axis.name}.w`, `${axis.name}.b`];
  const cut = (i: Index): Index => ({
    ...i,
    terms: i.terms.flatMap(t =>
      t.axis === axis.name
        ? [
            { axis: w, by: BYTES * t.by },
            { axis: b, by: t.by },
          ]
        : [t],
    ),
  });
  const int = (value: number): Val => ({ k: "const", value, elem: "i32" });
  const at = (name: string): Val => ({ k: "axis", axis: name });
  const one = (a: Access): Access => ({ ...a, index: a.index.map(cut) });
  const word: Val = { k: "read", from: { ...bytes, of: row, index: [...bytes.index.slice(0, -1), along(w)] } };
  const val = (v: Val): Val => {
    if (v.k === "axis" && v.axis === axis.name) return prim("add", prim("mul", at(w), int(BYTES)), at(b));
    if (v.k !== "read") return v;
    if (v.from.of.name !== bytes.of.name) return { ...v, from: one(v.from) };
    return prim("and", prim("shr", word, prim("mul", at(b), int(8))), int(255));
  };
  const pieces: readonly Axis[] = [
    { name: w, extent: axis.extent / BYTES, role: "parallel" },
    { name: b, extent: BYTES, role: "parallel" },
  ];
  const { phases } = rewriteKernel(k, val, one);
  return {
    ...k,
    phases: phases.map(p => ({ ...p, axes: p.axes.flatMap(a => (a.name === axis.name ? pieces : [a])) })),
  };
}
/** the rows of a feed in words, where they lie plain and are whole words */
function wordsOf(t: Tensor): Tensor | undefined {
  const row = t.shape.at(-1);
  if (t.shape[0] !== Number.POSITIVE_INFINITY || typeof row !== "number" || row % BYTES) return undefined;
  if (t.layout.halo.some(([lo, hi]) => lo || hi) || !t.layout.parts.every((p, d) => p.dim === d && p.div === 1))
    return undefined;
  const shape: readonly Dim[] = [...t.shape.slice(0, -1), row / BYTES];
  return { ...t, store: "i32", shape, layout: plain(shape) };
}
