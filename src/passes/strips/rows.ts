/**
 * The rows that kernels share: axes of theirs along which each reads of the others only what lies at its own point. Knows no layout.
 *
 *   m[i] = max_j x[i, j];  e[i, j] = exp(x[i, j] - m[i]);  s[i] = sum_j e[i, j]     rows: i
 *   p[h, q, k] = ..;  dv[h, k, d] = sum_q p[h, q, k] * dy[h, q, d]                   rows: h, and q, along which dv is summed up
 */
import type { Access, Axis, AxisExtent, Kernel, Phase } from "../../ir/kernel.ts";
import { accessesOf, axisOf } from "../../ir/kernel-walk.ts";
import { loaded, sameDim } from "../../ir/type.ts";
import { isNarrow } from "../plan/narrow.ts";
import { product } from "../register-tile.ts";

export interface Member {
  readonly kernel: Kernel;
  readonly phase: Phase;
  readonly reads: readonly Access[];
  readonly writes: readonly Access[];
  /** of a sum of products: they are read many times */
  readonly factors?: readonly Access[];
  /** it may be one of several: it has one phase, reads nothing that it writes, and is none that would walk one place of an axis only */
  readonly single: boolean;
}
export function member(kernel: Kernel): Member {
  const [phase, ...more] = kernel.phases as readonly [Phase, ...Phase[]];
  const { reads, writes } = accessesOf(kernel);
  const written = new Set(writes.map(a => a.of.name));
  const factors = product(phase);
  const single = !more.length && !phase.each?.length && !reads.some(a => written.has(a.of.name)) && !isNarrow(kernel);
  return { kernel, phase, reads, writes, single, ...(factors ? { factors } : {}) };
}

/** one axis of each member; `sums`: a member may sum along it, and what it stores is whole when all rows are done */
export interface Row {
  readonly extent: AxisExtent;
  readonly axes: ReadonlyMap<Member, string>;
  readonly sums: boolean;
}
/** what some of the members write and others read */
export function between(members: readonly Member[]): ReadonlySet<string> {
  const written = new Set(members.flatMap(m => m.writes.map(a => a.of.name)));
  return new Set(members.flatMap(m => m.reads.map(a => a.of.name)).filter(t => written.has(t)));
}

/** in the order of the dims of what lies between them, the outermost first */
export function rowsOf(members: readonly Member[]): readonly Row[] {
  const inner = between(members);
  const classes = new Classes();
  const touched = new Map<string, { readonly of: Member; readonly access: Access }[]>();
  for (const m of members)
    for (const access of [...m.reads, ...m.writes])
      if (inner.has(access.of.name))
        touched.set(access.of.name, [...(touched.get(access.of.name) ?? []), { of: m, access }]);
  /** of each tensor, its dims that are one axis of each member that touches it */
  const dims: (readonly string[])[] = [];
  for (const all of touched.values()) {
    const { shape } = all[0]!.access.of;
    const seenAlike = all.every(
      ({ access: { of } }) => of.shape.length === shape.length && of.shape.every((d, i) => sameDim(d, shape[i]!)),
    );
    if (!seenAlike) return [];
    dims.push(
      shape.flatMap((_, d) => {
        const keys = all.map(({ of, access }) => {
          const axis = axisOf(access.index[d]!);
          return axis === undefined ? undefined : key(members, of, axis);
        });
        const [first, ...rest] = keys;
        if (first === undefined || rest.some(k => k === undefined)) return [];
        for (const k of rest) classes.link(first, k!);
        return [first];
      }),
    );
  }
  const found = new Set(dims.flatMap(d => d.map(k => classes.of(k))));
  return [...found].flatMap(c => {
    if (!dims.every(d => d.filter(k => classes.of(k) === c).length === 1)) return [];
    const axes = members.map(m => m.phase.axes.filter(a => classes.of(key(members, m, a.name)) === c));
    if (axes.some(a => a.length !== 1)) return [];
    const all = axes.map(a => a[0]!);
    if (!all.every(a => sameExtent(a.extent, all[0]!.extent))) return [];
    if (!all.every((a, i) => a.role === "parallel" || sumsUp(members[i]!, inner))) return [];
    return [
      {
        extent: all[0]!.extent,
        axes: new Map(members.map((m, i) => [m, all[i]!.name])),
        sums: all.some(a => a.role === "reduce"),
      },
    ];
  });
}
const key = (members: readonly Member[], m: Member, axis: string): string => `${members.indexOf(m)} ${axis}`;
/** one sum of numbers that goes to one place, for readers outside: it can go on from row to row */
function sumsUp({ phase, writes }: Member, inner: ReadonlySet<string>): boolean {
  const [r, ...more] = phase.reduce;
  const [t, ...others] = phase.then;
  if (!r || more.length || r.op !== "add" || r.init || !t || others.length || !("to" in t)) return false;
  if (t.to.of.store === "bool" || loaded(t.to.of.store) !== t.to.of.store) return false;
  return (
    t.value.k === "name" && t.value.name === r.name && writes.every(a => !inner.has(a.of.name) && isWhole(a, phase))
  );
}
/** each element is stored once */
function isWhole(a: Access, phase: Phase): boolean {
  const parallel = phase.axes.filter(x => x.role === "parallel");
  const own = a.index.map(axisOf);
  return parallel.length === own.length && parallel.every(x => own.includes(x.name)) && !a.index.some(i => i.gather);
}
function sameExtent(a: Axis["extent"], b: Axis["extent"]): boolean {
  const [x, y] = [typeof a === "object" && "of" in a, typeof b === "object" && "of" in b];
  return !x && !y && sameDim(a as number, b as number); // as: a Dim is what has no `of`
}

/** sets that grow together */
class Classes {
  private readonly up = new Map<string, string>();
  of(k: string): string {
    let at = k;
    for (let next = this.up.get(at); next !== undefined; next = this.up.get(at)) at = next;
    return at;
  }
  link(a: string, b: string): void {
    const [x, y] = [this.of(a), this.of(b)];
    if (x !== y) this.up.set(y, x);
  }
}
