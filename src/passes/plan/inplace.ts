/**
 * A state's next value is written where the state lies, if nobody wants the old one any more.
 *
 *   t = f(s) at the end of a trip, s' = t   -->   s = f(s)   where f reads s at the element that it writes, and all others read it before
 *
 * Knows kernels in phases, no node.
 */
import type { Item, Kernel, Phase, Tensor } from "../../ir/kernel.ts";
import { accessesOf, retarget, sameElement } from "../../ir/kernel-walk.ts";
import { type Draft, sameItem } from "../schedule.ts";
import { narrow } from "./narrow.ts";

export interface State {
  readonly of: Tensor;
  /** the tensor of its next value */
  readonly next: string;
  /** its next value chooses one place, and that is there */
  readonly overwritten?: boolean;
}
export interface InPlace {
  readonly draft: Draft;
  /** tensors that are states now */
  readonly renamed: ReadonlyMap<string, string>;
}
/** `wanted`: is the tensor read by anything but these kernels, later than they; `as`: a tensor where the state lies */
export function inPlace(
  draft: Draft,
  states: readonly State[],
  wanted: (tensor: string) => boolean,
  as: (t: Tensor, state: string) => Tensor,
): InPlace {
  const order = draft.phases.flatMap((p, phase) => p.kernels.map((k, i) => ({ ...accessesOf(k), k, phase, i, p })));
  const [writers, readers] = [new Map<string, typeof order>(), new Map<string, typeof order>()];
  for (const o of order) {
    for (const name of new Set(o.writes.map(w => w.of.name))) writers.set(name, [...(writers.get(name) ?? []), o]);
    for (const name of new Set(o.reads.map(r => r.of.name))) readers.set(name, [...(readers.get(name) ?? []), o]);
  }
  const renamed = new Map<string, string>();
  for (const { of, next } of states) {
    const writer = writers.get(next)?.[0];
    if (!writer || renamed.has(next) || !draft.regions.has(next) || wanted(of.name)) continue;
    const write = writer.writes.find(w => w.of.name === next)!;
    const legal = (readers.get(of.name) ?? []).every(o => {
      const reads = o.reads.filter(r => r.of.name === of.name);
      if (o.phase < writer.phase) return true;
      const before = o.phase === writer.phase && o.i < writer.i;
      if (o !== writer) return before && (o.p.items === "one" || reads.every(r => sameItem(r, o.k)));
      return o.k.phases.length === 1 && reads.every(r => sameElement(r, write));
    });
    if (legal) renamed.set(next, of.name);
  }
  if (!renamed.size) return { draft, renamed };
  const regions = new Map([...draft.regions].filter(([name]) => !renamed.has(name)));
  const to = (t: Tensor): Tensor => {
    const state = renamed.get(t.name);
    return state === undefined ? t : as(t, state);
  };
  const sure = new Set(states.flatMap(s => (s.overwritten ? [s.of.name] : [])));
  const phases = draft.phases.map(p => ({
    ...p,
    kernels: p.kernels.map(k =>
      k.phases.length === 1 ? narrow(storesLast(retarget(k, to), states), sure) : retarget(k, to),
    ),
  }));
  return { draft: { regions, phases }, renamed };
}
/** s[i] = a; t[i] = a - s[i]  -->  v0 = a; v1 = a - s[i]; s[i] = v0; t[i] = v1: every item reads the old state */
function storesLast(kernel: Kernel, states: readonly State[]): Kernel {
  const own = new Set(states.map(s => s.of.name));
  const [phase] = kernel.phases as readonly [Phase];
  const [values, later]: readonly [Item[], Item[]] = [[], []];
  for (const [i, item] of phase.then.entries()) {
    if (!("to" in item)) {
      values.push(item);
      continue;
    }
    values.push({ name: `next${i}`, value: item.value });
    later.push({ to: item.to, value: { k: "name", name: `next${i}` } });
  }
  const first = phase.then.findIndex(item => "to" in item && own.has(item.to.of.name));
  const behind = { ...kernel, phases: [{ ...phase, reduce: [], then: phase.then.slice(first + 1) }] };
  if (first < 0 || !accessesOf(behind).reads.some(r => own.has(r.of.name))) return kernel;
  return { ...kernel, phases: [{ ...phase, then: [...values, ...later] }] };
}
