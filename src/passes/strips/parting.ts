/** The kernels of a phase, parted into sets: who writes what others read, and in which order sets can run. Knows no layout, and not why they meet. */
import type { Kernel } from "../../ir/kernel.ts";
import { type Member, member } from "./rows.ts";

export type KernelSet = ReadonlySet<Kernel>;

/** lives while the kernels of one phase are looked at; each is a set of its own at first */
export class Parting {
  /** in an order in which each comes after those whose tensors it reads */
  private list: readonly Kernel[];
  private readonly sets = new Map<Kernel, KernelSet>();
  private readonly facts = new Map<Kernel, Member>();
  private readonly order = new Map<Kernel, number>();
  private readonly writing = new Map<string, Kernel[]>();
  private readonly reading = new Map<string, Kernel[]>();

  constructor(kernels: readonly Kernel[]) {
    this.list = kernels;
    for (const k of kernels) this.sets.set(k, new Set([k]));
    this.look();
  }
  private look(): void {
    this.order.clear();
    this.writing.clear();
    this.reading.clear();
    const add = (to: Map<string, Kernel[]>, t: string, k: Kernel): void => {
      const known = to.get(t);
      if (!known) to.set(t, [k]);
      else if (known.at(-1) !== k) known.push(k);
    };
    for (const [i, k] of this.list.entries()) {
      this.order.set(k, i);
      const m = this.facts.get(k) ?? member(k);
      this.facts.set(k, m);
      for (const { of } of m.reads) add(this.reading, of.name, k);
      for (const { of } of m.writes) add(this.writing, of.name, k);
    }
  }

  get kernels(): readonly Kernel[] {
    return this.list;
  }
  of(k: Kernel): KernelSet {
    return this.sets.get(k)!;
  }
  /** is it still one of the kernels */
  has(k: Kernel): boolean {
    return this.order.has(k);
  }
  fact(k: Kernel): Member {
    return this.facts.get(k)!;
  }
  writers(tensor: string): readonly Kernel[] {
    return this.writing.get(tensor) ?? [];
  }
  readers(tensor: string): readonly Kernel[] {
    return this.reading.get(tensor) ?? [];
  }
  /** each after those whose tensors it reads */
  members(set: KernelSet): readonly Member[] {
    return [...set].sort((a, b) => this.order.get(a)! - this.order.get(b)!).map(k => this.fact(k));
  }
  /** the sets that read what this one writes */
  outputs(set: KernelSet): readonly KernelSet[] {
    return this.around(set, m => m.writes.flatMap(a => this.readers(a.of.name)));
  }
  inputs(set: KernelSet): readonly KernelSet[] {
    return this.around(set, m => m.reads.flatMap(a => this.writers(a.of.name)));
  }
  private around(set: KernelSet, next: (m: Member) => readonly Kernel[]): readonly KernelSet[] {
    const others = [...set].flatMap(k => next(this.fact(k))).filter(k => !set.has(k));
    return [...new Set(others.map(k => this.of(k)))];
  }
  /** does a path lead out of the kernels and back, where a set is as one kernel */
  leadsBack(all: KernelSet): boolean {
    const seen = new Set<KernelSet>();
    const todo = [...this.outputs(all)];
    for (let g = todo.pop(); g; g = todo.pop()) {
      if (seen.has(g)) continue;
      seen.add(g);
      for (const next of this.outputs(g)) {
        if ([...next].some(k => all.has(k))) return true;
        todo.push(next);
      }
    }
    return false;
  }
  /** each after those whose tensors it reads */
  inOrder(): readonly KernelSet[] {
    const out: KernelSet[] = [];
    const done = new Set<KernelSet>();
    const visit = (g: KernelSet): void => {
      if (done.has(g)) return;
      done.add(g);
      for (const before of this.inputs(g)) visit(before);
      out.push(g);
    };
    for (const k of this.list) visit(this.of(k));
    return out;
  }

  // ---- changes

  /** these, which are whole sets, are one */
  unite(all: KernelSet): void {
    for (const k of all) this.sets.set(k, all);
  }
  /** other kernels stand for some, and more before the first of these; gives the way back */
  replace(by: ReadonlyMap<Kernel, Kernel>, more: readonly Kernel[]): () => void {
    const saved = { list: this.list, sets: [...this.sets] };
    const place = this.list.findIndex(k => by.has(k));
    const list = this.list.map(k => by.get(k) ?? k);
    this.list = [...list.slice(0, place), ...more, ...list.slice(place)];
    for (const [old, now] of by) {
      const set = new Set([...this.of(old)].map(k => (k === old ? now : k)));
      this.sets.delete(old);
      this.unite(set);
    }
    for (const k of more) this.sets.set(k, new Set([k]));
    this.look();
    return () => {
      this.list = saved.list;
      this.sets.clear();
      for (const [k, s] of saved.sets) this.sets.set(k, s);
      this.look();
    };
  }
}
