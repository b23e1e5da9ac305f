/**
 * When each kernel runs and in which region its result lives. Kernels over panels share a phase while each reads of the others only
 * the records of its own item; the first read of another item ends the phase. What stays in an item lives in region worker.
 * Knows no op, no tile, no address.
 */
import type { Access, Kernel, Tensor } from "../ir/kernel.ts";
import { accessesOf, retarget } from "../ir/kernel-walk.ts";
import { folded, panels } from "../ir/layout.ts";
import type { Dim } from "../ir/type.ts";
import { isRecords } from "./split.ts";
import { STRIPS, type Strips, strips } from "./strips/index.ts";
import { isPanels, itemAxis } from "./tile.ts";
import { inWords } from "./words.ts";

/** panels: one item per 16 records; one: a single item */
export interface PhaseDraft {
  readonly items: "panels" | "one";
  readonly kernels: readonly Kernel[];
}
/** where a tensor lies that kernels write: what crosses a phase, what stays in an item */
type Written = "step" | "worker";
export interface Draft {
  readonly phases: readonly PhaseDraft[];
  /** region of each tensor that these kernels write, unless it is placed outside */
  readonly regions: ReadonlyMap<string, Written>;
}

/** `placed`: tensors with bytes of their own (weights, states, outputs): neither moved nor laid out anew. `later`: read when all phases are done */
export function schedule(
  kernels: readonly Kernel[],
  placed: ReadonlySet<string>,
  later: ReadonlySet<string>,
  limits: Strips = STRIPS,
): Draft {
  const phases = inStrips(inPhases(kernels), new Set([...placed, ...later]), limits);
  const regions = regionsOf(phases, placed, later);
  const to = (t: Tensor): Tensor => {
    const region = regions.get(t.name);
    return region === undefined ? t : lay(t, region);
  };
  return { phases: phases.map(p => ({ ...p, kernels: p.kernels.map(k => inWords(retarget(k, to))) })), regions };
}
/** for people: the kernels of each phase, each with where its results lie */
export const showPhases = ({ phases, regions }: Draft): string =>
  phases.map(p => `phase ${p.items}\n${p.kernels.map(k => `  ${k.name}${wrote(k, regions)}\n`).join("")}`).join("");
const wrote = (k: Kernel, regions: Draft["regions"]): string =>
  accessesOf(k)
    .writes.flatMap(a => (a.of.local ? [] : [` ${a.of.name}@${regions.get(a.of.name) ?? "state"}`]))
    .join("");
/** a tensor with records lies in panels, in region worker one at a time */
export function lay(t: Tensor, region: string): Tensor {
  const records = t.shape.findIndex(d => typeof d !== "number");
  if (records < 0 || t.layout.parts.some(p => p.div !== 1)) return t;
  return { ...t, layout: (region === "worker" ? folded : panels)(t.shape, records, t.layout) };
}

function inPhases(kernels: readonly Kernel[]): readonly PhaseDraft[] {
  const facts = new Map(kernels.map(k => [k, { ...accessesOf(k), panels: itemAxis(k) !== undefined }]));
  const missing = new Set(kernels.flatMap(k => facts.get(k)!.writes.map(a => a.of.name)));
  const phases: PhaseDraft[] = [];
  let left = [...kernels];
  while (left.length) {
    const before = left.length;
    for (const items of ["one", "panels"] as const) {
      const own = new Map<string, Kernel>();
      const taken: Kernel[] = [];
      for (const k of left) {
        const f = facts.get(k)!;
        const ready = (a: Access): boolean =>
          !missing.has(a.of.name) || (own.has(a.of.name) && (items === "one" || sameItem(a, k)));
        if (f.panels !== (items === "panels") || !f.reads.every(ready)) continue;
        taken.push(k);
        for (const a of f.writes) own.set(a.of.name, k);
      }
      if (!taken.length) continue;
      left = left.filter(k => !taken.includes(k));
      for (const name of own.keys()) missing.delete(name);
      phases.push({ items, kernels: taken });
    }
    if (left.length === before)
      throw new Error(`internal: schedule: ${left.map(k => k.name).join(", ")} wait for each other`);
  }
  return phases;
}
/** in each phase, kernels that share rows become one */
function inStrips(phases: readonly PhaseDraft[], kept: ReadonlySet<string>, limits: Strips): readonly PhaseDraft[] {
  const reads = phases.map(p => p.kernels.flatMap(k => accessesOf(k).reads.map(a => a.of.name)));
  return phases.map(({ items, kernels }, i) => {
    const outside = new Set([...kept, ...reads.flatMap((names, j) => (j === i ? [] : names))]);
    return { items, kernels: strips(kernels, outside, items === "panels", limits) };
  });
}
/** the access has the identity on the item axis: it reads what its own item wrote */
export function sameItem(a: Access, k: Kernel): boolean {
  const item = itemAxis(k)!;
  const dim = a.of.shape.findIndex(d => typeof d !== "number");
  const i = a.index[dim];
  if (dim < 0 || !i || i.gather) return false;
  if (isRecords(item))
    return i.base === 0 && i.terms.length === 1 && i.terms[0]!.axis === item.name && i.terms[0]!.by === 1;
  return (
    isPanels(item) &&
    i.base === 0 &&
    i.terms.every(t => (t.axis === item.name ? t.by === 16 : t.axis === "r" && t.by === 1))
  );
}

function regionsOf(
  phases: readonly PhaseDraft[],
  placed: ReadonlySet<string>,
  later: ReadonlySet<string>,
): ReadonlyMap<string, Written> {
  const wrote = new Map<string, number>();
  const crosses = new Set(later);
  const stays = new Map<string, boolean>();
  phases.forEach((p, i) => {
    for (const k of p.kernels) {
      const { reads, writes } = accessesOf(k);
      for (const a of writes) {
        if (a.of.local) continue;
        wrote.set(a.of.name, i);
        const records = (d: Dim): boolean => typeof d !== "number";
        stays.set(
          a.of.name,
          p.items === "panels" && a.of.shape.some(records) && a.of.layout.parts.every(q => q.div === 1),
        );
      }
      for (const a of reads) if (wrote.has(a.of.name) && wrote.get(a.of.name) !== i) crosses.add(a.of.name);
    }
  });
  const region = (name: string): Written => (stays.get(name) && !crosses.has(name) ? "worker" : "step");
  return new Map([...wrote.keys()].filter(n => !placed.has(n)).map(n => [n, region(n)]));
}
