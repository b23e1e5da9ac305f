/** Kernels of one phase, dealt to items; and those that a plan adds by itself. Knows no node but for errors. */
import type { Item, Kernel, Tensor } from "../../ir/kernel.ts";
import { along } from "../../ir/kernel-walk.ts";
import type { Size } from "../../ir/plan.ts";
import { atN } from "../../ir/type.ts";
import type { Draft, DraftCall } from "./draft.ts";

interface Dealt {
  readonly calls: readonly number[];
  readonly items: Size;
}
/**
 * Calls in phases, as few as there are calls that wait for each other. Where one of a phase is dealt to many items, each call has items of
 * its own, those of one item first: the threads meet once for all of them. Else one item does all.
 */
export function byGrid(calls: readonly number[], draft: Draft): readonly Dealt[] {
  const out: Dealt[] = [];
  let serial: number[] = [];
  const flush = (): void => {
    if (serial.length) out.push({ calls: serial, items: 1 });
    serial = [];
  };
  for (const level of levels(calls, draft)) {
    const many = level.filter(c => itemsOf(draft.calls[c]!) !== 1);
    const counts = level.map(c => itemsOf(draft.calls[c]!));
    if (!many.length) serial.push(...level);
    else if (level.length === 1 || counts.some(n => typeof n !== "number")) {
      serial.push(...level.filter(c => !many.includes(c)));
      flush();
      out.push(...many.map(c => ({ calls: [c], items: itemsOf(draft.calls[c]!) })));
    } else {
      flush();
      out.push(together([...level.filter(c => !many.includes(c)), ...many], draft));
    }
  }
  flush();
  return out;
}
/** each call with its part of the items */
function together(calls: readonly number[], draft: Draft): Dealt {
  let first = 0;
  for (const c of calls) {
    const call = draft.calls[c]!;
    const count = itemsOf(call) as number; // as: the caller has looked
    draft.calls[c] = { ...call, items: { first, count } };
    first += count;
  }
  return { calls, items: first };
}
function itemsOf({ kernel }: DraftCall): Size {
  const to = kernel.grid[0]?.to ?? 1;
  return typeof to === "number" ? to : "of" in to ? { ...to, unit: 1 } : { of: to, by: 1, unit: 1 };
}
/** calls that do not wait for each other, in the order of what they wait for: one waits where it writes what another touches, or the other way round */
function levels(calls: readonly number[], draft: Draft): readonly (readonly number[])[] {
  const out: number[][] = [];
  // the first level behind those that write an argument, or touch it
  const written = new Map<string, number>();
  const touched = new Map<string, number>();
  for (const c of calls) {
    const call = draft.calls[c]!;
    const at = (i: number): string => JSON.stringify(call.args[i]);
    const [reads, writes] = [call.reads.map(at), call.writes.map(w => at(w.arg))];
    const own = Math.max(0, ...reads.map(a => written.get(a) ?? 0), ...writes.map(a => touched.get(a) ?? 0));
    for (const a of writes) written.set(a, Math.max(written.get(a) ?? 0, own + 1));
    for (const a of [...reads, ...writes]) touched.set(a, Math.max(touched.get(a) ?? 0, own + 1));
    (out[own] ??= []).push(c);
  }
  return out;
}
/** the same elements elsewhere */
export function copy(from: Tensor, to: Tensor): Kernel {
  const axes = to.shape.map((e, d) => ({ name: `i${d}`, extent: e, role: "parallel" as const }));
  const at = axes.map(a => along(a.name));
  const then: readonly Item[] = [{ to: { of: to, index: at }, value: { k: "read", from: { of: from, index: at } } }];
  return { name: "copy", phases: [{ axes, reduce: [], then }], covers: [] };
}
export const sameLayout = ({ layout: a }: Tensor, { layout: b }: Tensor): boolean =>
  a.parts.length === b.parts.length &&
  a.parts.every((p, i) => p.dim === b.parts[i]!.dim && p.div === b.parts[i]!.div && p.mod === b.parts[i]!.mod);
/** of dims that count records one lies in panels; others, as of a number for each pair of records, have room for the largest batch */
export function roomy(t: Tensor, capacity: number): Tensor {
  const first = t.shape.findIndex(d => typeof d !== "number");
  const shape = t.shape.map((d, i) => (i === first ? d : atN(d, capacity)));
  return { ...t, shape };
}
