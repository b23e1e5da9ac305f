/**
 * Which kernels of a phase become one: groups grow along tensors that one kernel writes and others read. No path leads from a group to
 * itself by way of another. Knows no layout.
 */
import type { Kernel, Tensor } from "../../ir/kernel.ts";
import { again } from "./again.ts";
import { fits, isOneKernel } from "./legal.ts";
import { type KernelSet, Parting } from "./parting.ts";
import { between, type Member, type Row, rowsOf } from "./rows.ts";

export interface Group {
  /** each after those whose tensors it reads */
  readonly members: readonly Member[];
  /** none: the group is one kernel */
  readonly rows: readonly Row[];
  /** tensors of the group that others read */
  readonly outside: ReadonlySet<string>;
}
/** `shared`: read by others than these kernels, too; `records`: one item is 16 records; `large`: worth holding in strips */
export function groupsOf(
  kernels: readonly Kernel[],
  shared: ReadonlySet<string>,
  records: boolean,
  large: (t: Tensor) => boolean,
): readonly Group[] {
  const growth = new Growth(kernels, shared, records, large);
  growth.handedOn();
  growth.escaping();
  growth.sweeping();
  return growth.groups();
}

/** lives while the groups of one phase grow */
class Growth {
  private readonly parting: Parting;
  private readonly shared: ReadonlySet<string>;
  private readonly records: boolean;
  private readonly large: (t: Tensor) => boolean;

  constructor(
    kernels: readonly Kernel[],
    shared: ReadonlySet<string>,
    records: boolean,
    large: (t: Tensor) => boolean,
  ) {
    this.parting = new Parting(kernels);
    this.shared = shared;
    this.records = records;
    this.large = large;
  }
  groups(): readonly Group[] {
    return this.parting.inOrder().map(g => {
      const members = this.parting.members(g);
      const names = members.flatMap(m => m.writes.map(a => a.of.name));
      const isOutside = (t: string): boolean => this.shared.has(t) || this.isReadBeyond(t, g);
      return { members, rows: members.length > 1 ? rowsOf(members) : [], outside: new Set(names.filter(isOutside)) };
    });
  }

  /** large tensors that are handed on to a few kernels and to nobody else */
  handedOn(): void {
    const tensors = this.tensors().filter(t => !this.shared.has(t) && this.parting.readers(t).length);
    // what stood between two of them may have joined them since
    for (let found = true; found; ) {
      found = false;
      for (const t of tensors) if (this.union([...this.parting.writers(t), ...this.parting.readers(t)])) found = true;
    }
  }
  /** what a strip holds and others read: they join, or compute it again */
  escaping(): void {
    const looked = new Set<KernelSet>();
    for (const first of this.parting.kernels) {
      if (!this.parting.has(first)) continue;
      let g = this.parting.of(first);
      if (g.size === 1 || looked.has(g) || !this.holdsStrips(g)) continue;
      for (let found = true; found; ) {
        found = false;
        for (const t of this.leaving(g))
          for (const r of this.parting.readers(t)) if (!g.has(r) && this.union([...g, r])) found = true;
        g = this.parting.of(first);
      }
      looked.add(g);
      this.copies(g);
    }
  }
  /** neighbours that sweep one large tensor: the second finds it in a near cache */
  sweeping(): void {
    for (const r of this.parting.kernels)
      for (const { of: t } of this.parting.fact(r).reads)
        for (const w of this.parting.writers(t.name)) if (this.meet(w, r, t)) this.union([w, r]);
  }
  private meet(w: Kernel, r: Kernel, by: Tensor): boolean {
    const [a, b] = [this.parting.fact(w), this.parting.fact(r)];
    if (a.factors || b.factors) return false;
    return this.large(by) || a.reads.some(x => this.large(x.of) && b.reads.some(y => y.of.name === x.of.name));
  }

  // ---- copies

  /** all readers as one group, or each of their groups for itself */
  private copies(g: KernelSet): void {
    const from = this.parting.members(g);
    // what one reader must find in memory is kept for all
    const canJoin = (k: Kernel): boolean => {
      const m = this.parting.fact(k);
      return g.has(k) || (m.single && fits(m, this.records));
    };
    const leaving = this.leaving(g).filter(
      t => this.parting.readers(t).every(canJoin) && again(from, [], [t], this.shared),
    );
    const readers = leaving.flatMap(t => this.parting.readers(t).filter(k => !g.has(k)));
    const apart = [...new Set(readers.map(r => this.parting.of(r)))];
    if (!apart.length || this.copy(g, leaving, new Set(apart.flatMap(h => [...h])))) return;
    if (apart.length > 1) for (const h of apart) this.copy(g, leaving, h);
  }
  /** `to` reads copies of what leaves the group, and is one group with them; false: nothing is done */
  private copy(g: KernelSet, leaving: readonly string[], to: KernelSet): boolean {
    const wanted = leaving.filter(t => this.parting.readers(t).some(k => to.has(k)));
    const made = wanted.length && again(this.parting.members(g), this.parting.members(to), wanted, this.shared);
    if (!made) return false;
    const back = this.parting.replace(made.readers, made.copies);
    if (this.union([...[...to].map(k => made.readers.get(k) ?? k), ...made.copies])) return true;
    back();
    return false;
  }

  // ---- questions

  /** the groups of these kernels become one, if it may be */
  private union(kernels: readonly Kernel[]): boolean {
    const all = new Set(kernels.flatMap(k => [...this.parting.of(k)]));
    if (all.size === this.parting.of(kernels[0]!).size || !isOneKernel(all, this.parting, this.records)) return false;
    this.parting.unite(all);
    return true;
  }
  /** large tensors that one kernel writes */
  private tensors(): readonly string[] {
    const written = this.parting.kernels.flatMap(k => this.parting.fact(k).writes.map(a => a.of));
    const large = written.filter(t => this.large(t) && this.parting.writers(t.name).length === 1);
    return [...new Set(large.map(t => t.name))];
  }
  private isReadBeyond(t: string, g: KernelSet): boolean {
    return this.parting.readers(t).some(k => !g.has(k));
  }
  /** large tensors of the group that others of this phase read, and nobody beyond it */
  private leaving(g: KernelSet): readonly string[] {
    const own = new Set([...g].flatMap(k => this.parting.fact(k).writes.map(a => a.of.name)));
    return this.tensors().filter(t => own.has(t) && !this.shared.has(t) && this.isReadBeyond(t, g));
  }
  private holdsStrips(g: KernelSet): boolean {
    const inner = between(this.parting.members(g));
    return this.tensors().some(t => inner.has(t) && !this.shared.has(t) && !this.isReadBeyond(t, g));
  }
}
