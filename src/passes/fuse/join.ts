/**
 * KERNELs -> fewer KERNELs: what is computed at the points of one box is computed together, so that values between stay in registers.
 * Knows no op, no layout and no target. A join must not close a circle: no path leads from one kernel to the other by way of a third.
 *
 *   epilogue   t[p] = sum_k ..;  y[p] = f(t[p])           -->   s = sum_k ..; y[p] = f(s)
 *   prologue   t[q] = g(q);      y[p] = sum_k ..; h(t[p]) -->   y[p] = sum_k ..; h(g(p))
 *   inside     t[q] = g(q);      y[p] = sum_k t[p, k]     -->   y[p] = sum_k g(p, k), where each is computed once or costs no read
 *   siblings   a[p] = max_k x;   b[p] = sum_k x           -->   one sweep
 */
import type { Kernel } from "../../ir/kernel.ts";
import { accessesOf, tensorsOf } from "../../ir/kernel-walk.ts";
import { type Node, topological } from "../../ir/node.ts";

import { appended, inside, isFixed, sibling } from "./ways.ts";

/** a kernel of a GPU has at least so many bindings */
const MOST_TENSORS = 8;

export interface Limits {
  /** tensors that are read from outside */
  readonly kept: ReadonlySet<string>;
  /** what stands between kernels and is no kernel (loops): only kernels of one level are joined */
  readonly level: (k: Kernel) => unknown;
}
/** the loops, and what else is no kernel, that each node needs: kernels of nodes with equal words can be one */
export function beyond(roots: readonly Node[]): ReadonlyMap<Node, string> {
  const needs = new Map<Node, ReadonlySet<number>>();
  const none: ReadonlySet<number> = new Set();
  topological(roots).forEach((n, i) => {
    const below = n.args.map(a => needs.get(a)!);
    const most = below.reduce((x, y) => (y.size > x.size ? y : x), none);
    const all = below.every(s => s.isSubsetOf(most)) ? most : new Set(below.flatMap(s => [...s]));
    const own = n.op.control !== undefined && n.op.control !== "param" && n.op.control !== "get";
    needs.set(n, own ? new Set([...all, i]) : all);
  });
  return new Map([...needs].map(([n, s]) => [n, [...s].sort((a, b) => a - b).join()]));
}
export const join = (kernels: readonly Kernel[], limits: Limits): readonly Kernel[] =>
  new Joiner(kernels, limits).run();

/** lives while the kernels of one function are joined */
class Joiner {
  private readonly limits: Limits;
  private readonly order: Kernel[];
  private readonly writer = new Map<string, Kernel>();
  private readonly readers = new Map<string, Set<Kernel>>();
  private readonly reads = new Map<Kernel, ReadonlySet<string>>();
  private readonly writes = new Map<Kernel, readonly string[]>();
  /** both */
  private readonly tensors = new Map<Kernel, ReadonlySet<string>>();
  constructor(kernels: readonly Kernel[], limits: Limits) {
    this.limits = limits;
    this.order = [...kernels];
    for (const k of kernels) this.add(k);
  }
  run(): readonly Kernel[] {
    for (let changed = true; changed; ) {
      changed = false;
      for (const k of [...this.order]) if (this.reads.has(k)) changed = this.absorb(k) || changed;
      for (const k of [...this.order]) if (this.reads.has(k)) changed = this.besides(k) || changed;
    }
    return this.sorted();
  }
  private add(k: Kernel): void {
    const { reads, writes } = accessesOf(k);
    this.reads.set(k, new Set(reads.map(a => a.of.name)));
    this.writes.set(k, [...new Set(writes.map(a => a.of.name))]);
    this.tensors.set(k, new Set([...reads, ...writes].map(a => a.of.name)));
    for (const t of this.writes.get(k)!) this.writer.set(t, k);
    for (const t of this.reads.get(k)!) this.readers.set(t, (this.readers.get(t) ?? new Set()).add(k));
  }
  private remove(k: Kernel): void {
    for (const t of this.reads.get(k)!) this.readers.get(t)!.delete(k);
    for (const t of this.writes.get(k)!) if (this.writer.get(t) === k) this.writer.delete(t);
    this.reads.delete(k);
    this.writes.delete(k);
    this.tensors.delete(k);
  }
  private replace(gone: readonly Kernel[], by: Kernel): Kernel {
    for (const k of gone) this.remove(k);
    const places = gone.map(k => this.order.indexOf(k)).filter(i => i >= 0);
    this.order[Math.max(...places)] = by;
    for (const i of places) if (i !== Math.max(...places)) this.order.splice(i, 1);
    this.add(by);
    return by;
  }
  /** read outside, or by another kernel than these */
  private alive(t: string, ...but: readonly Kernel[]): boolean {
    return this.limits.kept.has(t) || [...(this.readers.get(t) ?? [])].some(k => !but.includes(k));
  }
  private inputs(k: Kernel): readonly Kernel[] {
    return [...this.reads.get(k)!].flatMap(t => {
      const w = this.writer.get(t);
      return w && w !== k ? [w] : [];
    });
  }
  /** does a path lead from p to k, not counting what k reads of p itself */
  private around(p: Kernel, k: Kernel): boolean {
    const seen = new Set<Kernel>();
    const todo = this.inputs(k).filter(q => q !== p);
    for (let q = todo.pop(); q; q = todo.pop()) {
      if (q === p) return true;
      if (seen.has(q)) continue;
      seen.add(q);
      todo.push(...this.inputs(q));
    }
    return false;
  }

  /** joins k with those that write what it reads, as long as one can be */
  private absorb(first: Kernel): boolean {
    let k = first;
    for (let found = true; found; ) {
      found = false;
      for (const p of this.inputs(k)) {
        const j = this.intoReader(p, k) ?? this.together(p, k);
        if (!j) continue;
        k = j;
        found = true;
        break;
      }
    }
    return k !== first;
  }
  private together(p: Kernel, k: Kernel): Kernel | undefined {
    if (this.limits.level(p) !== this.limits.level(k)) return undefined;
    const alive = new Set(this.writes.get(p)!.filter(t => this.alive(t, k)));
    const j = appended(p, k, alive);
    if (
      !j ||
      tensorsOf(j).length > Math.max(MOST_TENSORS, this.tensors.get(p)!.size, this.tensors.get(k)!.size) ||
      this.around(p, k)
    )
      return undefined;
    return this.replace([p, k], j);
  }
  /** computed where it is read: for one reader that reads each element once; cheap and of one element or none, for any */
  private intoReader(p: Kernel, k: Kernel): Kernel | undefined {
    const [t, ...more] = this.writes.get(p)!;
    const free = accessesOf(p).reads.every(isFixed);
    if (t === undefined || more.length || (!free && this.alive(t, k))) return undefined;
    if (this.reads.get(p)!.size > 0 && this.limits.level(p) !== this.limits.level(k)) return undefined;
    const j = inside(p, k, free);
    if (!j || tensorsOf(j).length > Math.max(MOST_TENSORS, this.tensors.get(k)!.size)) return undefined;
    const last = !this.alive(t, k);
    const covers = last && !free ? [...p.covers, ...k.covers] : k.covers;
    return this.replace(last ? [p, k] : [k], { ...j, covers });
  }
  private besides(k: Kernel): boolean {
    const tried = new Set([k]);
    for (const t of this.reads.get(k)!)
      for (const p of this.readers.get(t)!) {
        if (tried.has(p)) continue;
        tried.add(p);
        if (this.tooMany(p, k) || this.limits.level(p) !== this.limits.level(k)) continue;
        const j = sibling(p, k);
        if (!j || this.reaches(p, k) || this.reaches(k, p)) continue;
        this.replace([p, k], j);
        return true;
      }
    return false;
  }
  /** tensors of both, without making one of them: what all weights read, all their updates would be tried with */
  private tooMany(p: Kernel, k: Kernel): boolean {
    const [a, b] = [this.tensors.get(p)!, this.tensors.get(k)!];
    return a.size > MOST_TENSORS || b.size > MOST_TENSORS || a.union(b).size > MOST_TENSORS;
  }
  private reaches(p: Kernel, k: Kernel): boolean {
    return this.inputs(k).includes(p) || this.around(p, k);
  }
  /** each after those whose tensors it reads */
  private sorted(): readonly Kernel[] {
    const out: Kernel[] = [];
    const state = new Map<Kernel, "open" | "done">();
    for (const root of this.order) {
      const todo = [root];
      for (let k = todo.at(-1); k; k = todo.at(-1)) {
        if (state.get(k) !== undefined) {
          if (state.get(k) === "open") out.push(k);
          state.set(k, "done");
          todo.pop();
          continue;
        }
        state.set(k, "open");
        todo.push(...this.inputs(k).filter(q => !state.has(q)));
      }
    }
    return out;
  }
}
