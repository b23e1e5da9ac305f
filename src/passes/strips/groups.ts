/**
 * Which kernels of a phase become one: groups grow along tensors that one kernel writes and others read. No path leads from a group to
 * itself by way of another. Knows no layout.
 */
import type { Kernel, Tensor } from "../../ir/kernel.ts";
import { again } from "./again.ts";
import { between, type Member, member, type Row, rowsOf } from "./rows.ts";

export interface Group {
  /** each after those whose tensors it reads */
  readonly members: readonly Member[];
  /** none: the group is one kernel */
  readonly rows: readonly Row[];
}
type KernelSet = ReadonlySet<Kernel>;

/** lives while the kernels of one phase are looked at */
export class Groups {
  /** in an order in which each comes after those whose tensors it reads */
  private kernels: readonly Kernel[];
  /** read by others than these kernels, too */
  private readonly shared: ReadonlySet<string>;
  private readonly records: boolean;
  private readonly large: (t: Tensor) => boolean;
  private readonly groups = new Map<Kernel, KernelSet>();
  private readonly facts = new Map<Kernel, Member>();
  private readonly order = new Map<Kernel, number>();
  private readonly writers = new Map<string, Kernel[]>();
  private readonly readers = new Map<string, Kernel[]>();
  /** large ones that one kernel writes */
  private tensors: readonly string[] = [];

  constructor(
    kernels: readonly Kernel[],
    shared: ReadonlySet<string>,
    records: boolean,
    large: (t: Tensor) => boolean,
  ) {
    this.kernels = kernels;
    this.shared = shared;
    this.records = records;
    this.large = large;
    for (const k of kernels) this.groups.set(k, new Set([k]));
    this.look();
  }
  private look(): void {
    this.order.clear();
    this.writers.clear();
    this.readers.clear();
    const add = (to: Map<string, Kernel[]>, t: string, k: Kernel): void => {
      const known = to.get(t);
      if (!known) to.set(t, [k]);
      else if (known.at(-1) !== k) known.push(k);
    };
    const written: Tensor[] = [];
    for (const [i, k] of this.kernels.entries()) {
      this.order.set(k, i);
      const m = this.facts.get(k) ?? member(k);
      this.facts.set(k, m);
      for (const { of } of m.reads) add(this.readers, of.name, k);
      for (const { of } of m.writes) add(this.writers, of.name, k);
      written.push(...m.writes.map(a => a.of));
    }
    const large = written.filter(t => this.large(t) && this.writers.get(t.name)!.length === 1);
    this.tensors = [...new Set(large.map(t => t.name))];
  }

  merge(): void {
    this.handedOn();
    this.escaping();
    this.sweeping();
  }
  /** each after those whose tensors it reads */
  result(): readonly Group[] {
    const out: Group[] = [];
    const done = new Set<KernelSet>();
    const visit = (g: KernelSet): void => {
      if (done.has(g)) return;
      done.add(g);
      for (const before of this.inputs(g)) visit(before);
      const members = this.membersOf(g);
      out.push({ members, rows: members.length > 1 ? rowsOf(members) : [] });
    };
    for (const k of this.kernels) visit(this.groups.get(k)!);
    return out;
  }
  /** tensors of the group that others read */
  outside(group: Group): ReadonlySet<string> {
    const own = new Set(group.members.map(m => m.kernel));
    const names = group.members.flatMap(m => m.writes.map(a => a.of.name));
    return new Set(names.filter(t => this.shared.has(t) || (this.readers.get(t) ?? []).some(k => !own.has(k))));
  }

  // ---- growing

  /** large tensors that are handed on to a few kernels and to nobody else */
  private handedOn(): void {
    const tensors = this.tensors.filter(t => !this.shared.has(t) && this.readers.get(t));
    // what stood between two of them may have joined them since
    for (let found = true; found; ) {
      found = false;
      for (const t of tensors) if (this.union([...this.writers.get(t)!, ...this.readers.get(t)!])) found = true;
    }
  }
  /** what a strip holds and others read: they join, or compute it again */
  private escaping(): void {
    const looked = new Set<KernelSet>();
    for (const first of [...this.kernels]) {
      let g = this.groups.get(first);
      if (!g || g.size === 1 || looked.has(g) || !this.holdsStrips(g)) continue;
      for (let found = true; found; ) {
        found = false;
        for (const t of this.leaving(g))
          for (const r of this.readers.get(t)!) if (!g.has(r) && this.union([...g, r])) found = true;
        g = this.groups.get(first)!;
      }
      looked.add(g);
      this.copies(g);
    }
  }
  /** all readers as one group, or each of their groups for itself */
  private copies(g: KernelSet): void {
    const from = this.membersOf(g);
    // what one reader must find in memory is kept for all
    const canJoin = (k: Kernel): boolean => g.has(k) || (this.facts.get(k)!.single && this.fits(this.facts.get(k)!));
    const leaving = this.leaving(g).filter(
      t => this.readers.get(t)!.every(canJoin) && again(from, [], [t], this.shared),
    );
    const readers = leaving.flatMap(t => this.readers.get(t)!.filter(k => !g.has(k)));
    const apart = [...new Set(readers.map(r => this.groups.get(r)!))];
    if (!apart.length || this.copy(g, leaving, new Set(apart.flatMap(h => [...h])))) return;
    if (apart.length > 1) for (const h of apart) this.copy(g, leaving, h);
  }
  /** `to` reads copies of what leaves the group, and is one group with them; false: nothing is done */
  private copy(g: KernelSet, leaving: readonly string[], to: KernelSet): boolean {
    const wanted = leaving.filter(t => this.readers.get(t)?.some(k => to.has(k)));
    const made = wanted.length && again(this.membersOf(g), this.membersOf(to), wanted, this.shared);
    if (!made) return false;
    const saved = { kernels: this.kernels, groups: [...this.groups] };
    const place = this.kernels.findIndex(k => made.readers.has(k));
    const list = this.kernels.map(k => made.readers.get(k) ?? k);
    this.kernels = [...list.slice(0, place), ...made.copies, ...list.slice(place)];
    for (const [old, now] of made.readers) this.rename(old, now);
    for (const k of made.copies) this.groups.set(k, new Set([k]));
    this.look();
    const now = [...to].map(k => made.readers.get(k) ?? k);
    if (this.union([...now, ...made.copies])) return true;
    this.kernels = saved.kernels;
    this.groups.clear();
    for (const [k, s] of saved.groups) this.groups.set(k, s);
    this.look();
    return false;
  }
  private rename(old: Kernel, now: Kernel): void {
    const g = new Set([...this.groups.get(old)!].map(k => (k === old ? now : k)));
    this.groups.delete(old);
    for (const k of g) this.groups.set(k, g);
  }
  /** neighbours that sweep one large tensor: the second finds it in a near cache */
  private sweeping(): void {
    for (const r of this.kernels)
      for (const { of: t } of this.facts.get(r)!.reads)
        for (const w of this.writers.get(t.name) ?? [])
          if (!this.facts.get(w)!.factors && !this.facts.get(r)!.factors && this.meet(w, r, t)) this.union([w, r]);
  }
  private meet(w: Kernel, r: Kernel, by: Tensor): boolean {
    if (this.large(by)) return true;
    const [a, b] = [this.facts.get(w)!, this.facts.get(r)!];
    return a.reads.some(x => this.large(x.of) && b.reads.some(y => y.of.name === x.of.name));
  }

  // ---- legality

  private union(kernels: readonly Kernel[]): boolean {
    const all = new Set(kernels.flatMap(k => [...this.groups.get(k)!]));
    if (all.size === this.groups.get(kernels[0]!)!.size) return false;
    if (!this.isLegal(all)) return false;
    for (const k of all) this.groups.set(k, all);
    return true;
  }
  private isLegal(all: KernelSet): boolean {
    const members = this.membersOf(all);
    const names = between(members);
    if (!members.every(m => m.single && this.fits(m))) return false;
    if ([...names].some(t => this.writers.get(t)!.length > 1)) return false;
    const rows = rowsOf(members);
    const isRecords = (r: Row): boolean => typeof r.extent !== "number";
    // items are points of a row that nothing is summed along
    if (!rows.some(r => !r.sums && (this.records ? isRecords(r) : (r.extent as number) > 1))) return false; // as: no records, see fits
    if (!rows.some(r => typeof r.extent === "number" && r.extent > 1)) return false;
    return !this.aroundTo(all);
  }
  /** of a product of records both operands differ from record to record: weights would be read for each strip */
  private fits({ phase, factors }: Member): boolean {
    const records = phase.axes.find(a => typeof a.extent !== "number");
    if (!this.records) return !records;
    return (
      records !== undefined && (factors ?? []).every(a => a.index.some(i => i.terms.some(t => t.axis === records.name)))
    );
  }
  /** does a path lead out of the kernels and back, where a group is as one kernel */
  private aroundTo(all: KernelSet): boolean {
    const seen = new Set<KernelSet>();
    const todo = this.outputs(all);
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
  private outputs(g: KernelSet): KernelSet[] {
    const readers = [...g].flatMap(k => this.facts.get(k)!.writes.flatMap(a => this.readers.get(a.of.name) ?? []));
    return [...new Set(readers.filter(k => !g.has(k)).map(k => this.groups.get(k)!))];
  }
  private inputs(g: KernelSet): KernelSet[] {
    const writers = [...g].flatMap(k => this.facts.get(k)!.reads.flatMap(a => this.writers.get(a.of.name) ?? []));
    return [...new Set(writers.filter(k => !g.has(k)).map(k => this.groups.get(k)!))];
  }

  // ---- questions

  private membersOf(g: KernelSet): readonly Member[] {
    return [...g].sort((a, b) => this.order.get(a)! - this.order.get(b)!).map(k => this.facts.get(k)!);
  }
  /** large tensors of the group that others of this phase read, and nobody beyond it */
  private leaving(g: KernelSet): readonly string[] {
    const own = new Set([...g].flatMap(k => this.facts.get(k)!.writes.map(a => a.of.name)));
    return this.tensors.filter(
      t => own.has(t) && !this.shared.has(t) && (this.readers.get(t) ?? []).some(k => !g.has(k)),
    );
  }
  private holdsStrips(g: KernelSet): boolean {
    const inner = between(this.membersOf(g));
    return this.tensors.some(t => inner.has(t) && !this.shared.has(t) && this.readers.get(t)!.every(k => g.has(k)));
  }
}
