/**
 * Computing a tensor again where it is read, instead of keeping it: what a strip holds is never whole then. The rule: it is larger than
 * all that it is computed from, or costs next to nothing; so what is kept grows as the inputs do.
 *
 *   p[q, k] = exp(sum_d q[q, d] * k[k, d] - m[q]) / s[q], read by the gradient   -->   the gradient's kernels compute p from q, k, m, s
 *
 * Knows no layout and no group but its members.
 */
import type { Kernel, Tensor, Val } from "../../ir/kernel.ts";
import { retarget } from "../../ir/kernel-walk.ts";
import { join } from "../fuse/join.ts";
import { operations } from "../register-tile.ts";
import type { Member } from "./rows.ts";

interface Again {
  /** the kernels that compute the tensors under other names */
  readonly copies: readonly Kernel[];
  /** those that read them there now */
  readonly readers: ReadonlyMap<Kernel, Kernel>;
}
/** operations per element of what is larger than its inputs, and of what is not */
const MOST = 512;
const CHEAP = 8;

/** `wanted`: tensors that members of `from` write and `to` reads; undefined: they cost too much */
export function again(
  from: readonly Member[],
  to: readonly Member[],
  wanted: readonly string[],
  shared: ReadonlySet<string>,
): Again | undefined {
  const made = new Map(from.flatMap(m => m.writes.map(a => [a.of.name, m] as const)));
  const names = new Set(wanted);
  // a set is walked to its end as it grows; what is smaller is kept
  for (const t of names) {
    const { reads, writes } = made.get(t)!;
    const size = elements(writes.find(a => a.of.name === t)!.of);
    for (const { of } of reads)
      if (made.has(of.name) && !shared.has(of.name) && elements(of) >= size) names.add(of.name);
  }
  const list = from.filter(m => m.writes.some(a => names.has(a.of.name)));
  if (list.some(m => m.phase.then.some(t => "fault" in t)) || !isWorth(list, names)) return undefined;
  const copied = (t: Tensor): Tensor => (names.has(t.name) ? { ...t, name: `${t.name}.again` } : t);
  const kept = new Set(wanted.map(t => `${t}.again`));
  const copies = join(
    list.map(m => retarget(only(m, names), copied)),
    { kept, level: () => 0 },
  );
  const readers = to.filter(m => m.reads.some(a => names.has(a.of.name)));
  return { copies, readers: new Map(readers.map(m => [m.kernel, retarget(m.kernel, copied)])) };
}
/** what else the kernel stores is there already */
function only({ kernel, phase }: Member, names: ReadonlySet<string>): Kernel {
  return { ...kernel, phases: [{ ...phase, then: phase.then.filter(t => !("to" in t) || names.has(t.to.of.name)) }] };
}
function isWorth(list: readonly Member[], names: ReadonlySet<string>): boolean {
  const tensors = list.flatMap(m => m.writes.map(a => a.of)).filter(t => names.has(t.name));
  const inputs = list.flatMap(m => m.reads.map(a => a.of)).filter(t => !names.has(t.name));
  const least = Math.min(...tensors.map(elements));
  const work = list.reduce((x, m) => x + points(m) * Math.max(1, opsOf(m)), 0);
  const grows = inputs.every(t => elements(t) < least);
  return work <= (grows ? MOST : CHEAP) * least;
}
/** per record */
const elements = (t: Tensor): number => t.shape.reduce<number>((x, d) => x * (typeof d === "number" ? d : 1), 1);
const points = ({ phase }: Member): number =>
  phase.axes.reduce((x, a) => x * (typeof a.extent === "number" ? a.extent : 1), 1);
function opsOf({ phase }: Member): number {
  const values: readonly Val[] = phase.reduce.length
    ? phase.reduce.map(r => r.value)
    : phase.then.flatMap(t => ("fault" in t ? [] : [t.value]));
  return values.reduce((x, v) => x + operations(v), 0);
}
