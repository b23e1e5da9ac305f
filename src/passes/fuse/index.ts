/**
 * GRAPH -> KERNELs. One kernel per group of nodes (groups.ts); views and cheap points (full, iota, n, casts) are absorbed into the
 * accesses of their readers, so convolution never materialises its windows.
 *
 *   %2 = window{..}(%1)  %3 = contract{..}(%2, %w)   -->   kernel reads %1 at oy * stride + ky * dilation, no kernel for %2
 *   %4 = add(%3, %b)  %5 = max(%4, 0)                -->   one kernel: contract, then add and max of its sum
 *   %6 = exp(%5)  %7 = reduce add(%6)                -->   one kernel: the reduce reads exp(%5), which nobody else does
 */
import type { Access, Axis, Index, Item, Kernel, Phase, Tensor, Val } from "../../ir/kernel.ts";
import { along, retarget, rewriteKernel, rewriteVal, sameIndex } from "../../ir/kernel-walk.ts";
import { plain } from "../../ir/layout.ts";
import type { Node } from "../../ir/node.ts";
import type { KernelContext } from "../../ir/op.ts";
import type { TensorType } from "../../ir/type.ts";
import { ordered } from "../layouts.ts";
import { crop } from "./crop.ts";
import { absorbed, type Group, type Grouping, grouped } from "./groups.ts";
import { beyond, join } from "./join.ts";
import { mergeSums } from "./sums.ts";
import { coordinate, guarded } from "./view.ts";

/** what no rule of this function computes: a stored tensor, or a value at coordinates that a kernel stores once (a feed's column) */
export type Given = Tensor | ((at: readonly Index[]) => Val);
export interface Fused {
  /** in an order in which each comes after those whose tensors it reads */
  readonly kernels: readonly Kernel[];
  /** the tensor that holds a root or a kernel's node */
  readonly stored: ReadonlyMap<Node, Tensor>;
}

/** `due`: when a node is wanted; those of one kernel are wanted together. Absent: all are */
export function fuse(
  roots: readonly Node[],
  given: ReadonlyMap<Node, Given>,
  name: (n: Node) => string,
  due: (n: Node) => number = () => 0,
): Fused {
  const builder = new Builder(given, name, grouped(roots, new Set(given.keys()), due));
  for (const r of roots) builder.store(r);
  const kept = (): ReadonlySet<string> => new Set(roots.map(r => builder.stored.get(r)!.name));
  const needs = beyond(roots);
  const level = (k: Kernel): string => `${due(k.covers.at(-1)!)}: ${needs.get(k.covers.at(-1)!)}`;
  const merged = join(crop(mergeSums(builder.run(), kept()), kept()), { kept: kept(), level });
  const fixed = new Set([...given.values()].flatMap(g => (typeof g === "function" ? [] : [g.name])));
  const lay = ordered(merged, fixed);
  return {
    kernels: merged.map(k => retarget(k, lay)),
    stored: new Map([...builder.stored].map(([n, t]) => [n, lay(t)])),
  };
}

const tensorType = (n: Node): TensorType => {
  if (n.type.k !== "tensor") throw new Error(`internal: fuse: ${n.op.name} is no tensor`);
  return n.type;
};
/** operations of a value that a reader computes again instead of loading it */
const INLINED = 16;

/** builds kernels on demand, readers before what they read; lives while one function is fused */
class Builder {
  readonly stored = new Map<Node, Tensor>();
  private readonly given: ReadonlyMap<Node, Given>;
  private readonly name: (n: Node) => string;
  private readonly groups: Grouping;
  /** nodes that kernels to come store */
  private readonly pending = new Map<Group, Set<Node>>();
  /** of the kernel being built: its group, the point that it computes, what it reads in place, and what it must not */
  private group: Group | undefined;
  private point: readonly Index[] = [];
  private readonly inlined = new Map<Node, Val[]>();
  private readonly loaded = new Set<Node>();
  constructor(given: ReadonlyMap<Node, Given>, name: (n: Node) => string, groups: Grouping) {
    this.given = given;
    this.name = name;
    this.groups = groups;
  }

  /** the tensor of a node; a kernel is made for it unless it is given or another shape of a stored one */
  store(n: Node): Tensor {
    const old = this.stored.get(n);
    if (old) return old;
    const g = this.given.get(n);
    const t = g && typeof g !== "function" ? g : this.reshaped(n);
    if (t) {
      this.stored.set(n, t);
      return t;
    }
    const { elem, shape } = tensorType(n);
    const fresh: Tensor = { name: this.name(n), store: elem, shape, layout: plain(shape) };
    this.stored.set(n, fresh);
    // absorbed by its readers, it comes after what it reads and before any group that may read it
    const group = this.groups.of.get(n) ?? { members: [n], level: this.groups.level(n) + 0.5 };
    const stores = this.pending.get(group);
    if (stores) stores.add(n);
    else this.pending.set(group, new Set([n]));
    return fresh;
  }
  private reshaped(n: Node): Tensor | undefined {
    const rule = n.op.kernel;
    if (this.given.has(n) || rule.k !== "view" || !rule.rowMajor) return undefined;
    const { shape } = tensorType(n);
    const t = this.store(n.args[0]!);
    // dims that lie in another order are not the same run of elements
    return t.layout.parts.every((p, d) => p.dim === d) ? { ...t, shape, layout: plain(shape) } : undefined;
  }
  /** the last level first: then all that reads a group is built before it */
  run(): readonly Kernel[] {
    const out: Kernel[] = [];
    while (this.pending.size) {
      const group = [...this.pending.keys()].reduce((a, b) => (b.level > a.level ? b : a));
      const stores = this.pending.get(group)!;
      this.pending.delete(group);
      out.unshift(unswept(this.kernel(group, stores)));
    }
    return out;
  }

  // ---- a kernel

  private kernel(group: Group, stores: ReadonlySet<Node>): Kernel {
    this.loaded.clear();
    for (;;) {
      this.inlined.clear();
      const k = this.attempt(group, stores);
      const dear = [...this.inlined].filter(([n, vals]) => readings(k, vals) > points(tensorType(n).shape));
      if (!dear.length) return k;
      for (const [n] of dear) this.loaded.add(n);
    }
  }
  private attempt(group: Group, stores: ReadonlySet<Node>): Kernel {
    const { seed } = group;
    const result = group.members.filter(m => stores.has(m)).at(-1)!;
    const axes = tensorType(result).shape.map((extent, d): Axis => ({ name: `i${d}`, extent, role: "parallel" }));
    this.group = group;
    this.point = axes.map(a => along(a.name));
    const phases = seed && !this.given.has(seed) ? this.phases(seed) : [{ axes, reduce: [], then: [] }];
    const members = group.members.filter(m => m !== seed);
    const needed = this.needed(members, stores);
    const alone = group.members.length === 1;
    const epilogue = members.flatMap((m): readonly Item[] =>
      needed.has(m) ? [{ name: this.nameIn(m), value: this.value(m, this.point) }] : [],
    );
    const saved = [...stores].map(
      (n): Item => ({ to: { of: this.stored.get(n)!, index: this.point }, value: this.named(n) }),
    );
    this.group = undefined;
    const last = phases.at(-1)!;
    const then = direct([...last.then, ...epilogue, ...(seed && alone ? [] : saved)]);
    const covers = group.members.filter(m => stores.has(m) || needed.has(m) || m === seed);
    return { name: result.op.name, phases: [...phases.slice(0, -1), { ...last, then }], covers };
  }
  /** a member's value while its group's kernel is built: by place, so that equal groups give equal kernels */
  private nameIn(n: Node): string {
    return `e${this.group!.members.indexOf(n)}`;
  }
  private named(n: Node): Val {
    return { k: "name", name: this.nameIn(n) };
  }
  /** the phases of a node; its result is a name where others follow in the same group */
  private phases(seed: Node): readonly Phase[] {
    const rule = seed.op.kernel;
    if (rule.k !== "phases") throw new Error("internal: fuse: a group without phases");
    const alone = this.group!.members.length === 1;
    const own = this.point;
    return rule.build(seed, {
      at: own,
      read: (i, at) => this.read(seed.args[i]!, at),
      out: (index, value) => {
        if (alone) return { to: { of: this.stored.get(seed)!, index }, value };
        this.point = index;
        return { name: this.nameIn(seed), value };
      },
    });
  }
  /** members that what is stored is made of */
  private needed(members: readonly Node[], stores: ReadonlySet<Node>): ReadonlySet<Node> {
    const own = new Set(members);
    const needed = new Set<Node>();
    for (const m of [...members].reverse())
      if (stores.has(m) || needed.has(m)) {
        needed.add(m);
        for (const a of m.args) if (own.has(a)) needed.add(a);
      }
    return needed;
  }

  // ---- values

  private context(n: Node, at: readonly Index[]): KernelContext {
    return {
      at,
      read: (i, coordinates) => this.read(n.args[i]!, coordinates),
      out: () => {
        throw new Error("internal: fuse: a point stores nothing");
      },
    };
  }
  /** the node's element at these coordinates, as its readers see it */
  private read(n: Node, at: readonly Index[]): Val {
    if (this.given.has(n)) return { k: "read", from: { of: this.store(n), index: at } };
    const group = this.groups.of.get(n);
    if (
      group &&
      group === this.group &&
      at.length === this.point.length &&
      at.every((x, d) => sameIndex(x, this.point[d]!))
    )
      return this.named(n);
    if (!group) {
      const of = absorbed(n) ? this.taller(n) : this.store(n);
      return of ? { k: "read", from: { of, index: at } } : this.value(n, at);
    }
    if (!this.isInlined(n, group)) return { k: "read", from: { of: this.store(n), index: at } };
    const v = this.value(n, at);
    this.inlined.set(n, [...(this.inlined.get(n) ?? []), v]);
    return v;
  }
  /**
   * A stored tensor with a dim taken apart is read in the shape that a node with phases sees: a window that leaves one of those dims is
   * outside, and not in the next row.
   */
  private taller(n: Node): Tensor | undefined {
    const rule = n.op.kernel;
    if (!this.group?.seed || rule.k !== "view" || !rule.rowMajor) return undefined;
    if (!rule.map(n).in.some(c => c.terms.length > 1)) return undefined;
    const arg = n.args[0]!;
    const group = this.groups.of.get(arg);
    const isKept = group ? group !== this.group && !this.isInlined(arg, group) : this.given.has(arg);
    return isKept && typeof this.given.get(arg) !== "function" ? this.reshaped(n) : undefined;
  }
  /** computed by its only reader, a node with phases: small, and no result in it is read twice */
  private isInlined(n: Node, group: Group): boolean {
    const within = group === this.group;
    if (this.stored.has(n) || this.loaded.has(n) || group.seed || within || !this.group?.seed) return false;
    if (group.members.length > INLINED || this.groups.uses.get(n) !== 1 || n.op.kernel.k !== "point") return false;
    return group.members.every(m => this.groups.uses.get(m) === 1);
  }
  /** the node's element computed in place */
  private value(n: Node, at: readonly Index[]): Val {
    const g = this.given.get(n);
    if (typeof g === "function") return g(at);
    const rule = n.op.kernel;
    switch (rule.k) {
      case "point":
        return rule.value(n, this.context(n, at));
      case "view":
        return this.view(n, at);
      case "phases":
      case "stored":
      case "none":
        return { k: "read", from: { of: this.store(n), index: at } };
      default:
        return rule satisfies never;
    }
  }
  private view(n: Node, at: readonly Index[]): Val {
    const rule = n.op.kernel;
    if (rule.k !== "view") throw new Error("internal: fuse: no view");
    const map = rule.map(n);
    const arg = n.args[0]!;
    const { shape, elem } = tensorType(arg);
    const index = map.in.map((c, d) => coordinate(c, at, shape[d]!, map.guards));
    const inner = this.read(arg, index);
    return map.guards.reduce<Val>((v, guard) => guarded(v, guard, map.fill, elem, at), inner);
  }
}

// ---- items and points

/** y[p] = sum_r f(p, r), r < 1   -->   y[p] = f(p, 0) */
function unswept(k: Kernel): Kernel {
  const [phase, ...more] = k.phases;
  const swept = phase?.axes.filter(a => a.role === "reduce") ?? [];
  if (!phase || more.length || phase.each?.length || !swept.length || swept.some(a => a.extent !== 1)) return k;
  if (phase.reduce.some(r => r.init)) return k;
  const gone = new Set(swept.map(a => a.name));
  const still = (a: Access): Access => ({
    ...a,
    index: a.index.map(i => ({ ...i, terms: i.terms.filter(t => !gone.has(t.axis)) })),
  });
  const values = phase.reduce.map((r): Item => ({ name: r.name, value: r.value }));
  const map: Phase = { axes: phase.axes.filter(a => !gone.has(a.name)), reduce: [], then: [...values, ...phase.then] };
  const at0 = (v: Val): Val => {
    if (v.k === "axis" && gone.has(v.axis)) return { k: "const", value: 0, elem: "i32" };
    return v.k === "read" ? { ...v, from: still(v.from) } : v;
  };
  return rewriteKernel({ ...k, phases: [map] }, at0, still);
}

/** a value that is only stored needs no name */
function direct(items: readonly Item[]): readonly Item[] {
  const uses = new Map<string, number>();
  const count = (v: Val): Val => {
    if (v.k === "name") uses.set(v.name, (uses.get(v.name) ?? 0) + 1);
    return v;
  };
  for (const t of items) rewriteVal("fault" in t ? t.ok : t.value, count);
  const values = new Map(items.flatMap(t => ("name" in t ? [[t.name, t.value] as const] : [])));
  const once = (v: Val): boolean => v.k === "name" && uses.get(v.name) === 1 && values.has(v.name);
  const gone = new Set(items.flatMap(t => ("to" in t && t.value.k === "name" && once(t.value) ? [t.value.name] : [])));
  return items.flatMap((t): readonly Item[] => {
    if ("name" in t) return gone.has(t.name) ? [] : [t];
    return "to" in t && t.value.k === "name" && gone.has(t.value.name)
      ? [{ ...t, value: values.get(t.value.name)! }]
      : [t];
  });
}
/** how often these values are computed, with many records */
function readings(k: Kernel, vals: readonly Val[]): number {
  const wanted = new Set(vals);
  const holds = (v: Val): boolean =>
    wanted.has(v) ||
    (v.k === "prim" && v.args.some(holds)) ||
    (v.k === "read" && v.from.index.some(i => i.gather && holds(i.gather)));
  return k.phases.reduce((sum, p) => {
    const swept = [
      ...p.reduce.flatMap(r => (r.init ? [r.value, r.init] : [r.value])),
      ...(p.each ?? []).map(t => ("fault" in t ? t.ok : t.value)),
    ];
    const then = p.then.map(t => ("fault" in t ? t.ok : t.value));
    const all = swept.filter(holds).length * points(p.axes.map(a => a.extent));
    const parallel = p.axes.filter(a => a.role === "parallel").map(a => a.extent);
    return sum + all + then.filter(holds).length * points(parallel);
  }, 0);
}
const MANY = 1024;
const points = (extents: readonly Axis["extent"][]): number =>
  extents.reduce<number>((n, e) => {
    if (typeof e === "number") return n * e;
    return "of" in e
      ? n * Math.ceil((typeof e.of === "number" ? e.of : e.of.n * MANY + e.of.plus) / e.by)
      : n * (e.n * MANY + e.plus);
  }, 1);
