/**
 * Which nodes become one kernel: points of one shape that read each other at the same coordinates, behind at most one node with phases
 * of its own (its epilogue). Knows no op: a record's `kernel` rule says what a node is.
 */
import type { Index, Val } from "../../ir/kernel.ts";
import { constant } from "../../ir/kernel-walk.ts";
import { type Node, topological } from "../../ir/node.ts";
import { STORED_BYTES, sameDim, type TensorType } from "../../ir/type.ts";

/** level: larger than that of every group that it reads; so groups of one level do not depend on each other */
export interface Group {
  readonly members: Node[];
  /** the node with phases of its own, first of the members */
  readonly seed?: Node;
  readonly level: number;
}
export interface Grouping {
  /** the group of a node that is neither given nor absorbed by its readers */
  readonly of: ReadonlyMap<Node, Group>;
  /** of any node: that of its group; of one without a group that of the last that it reads */
  readonly level: (n: Node) => number;
  /** how often a node is read, by nodes and as a root */
  readonly uses: ReadonlyMap<Node, number>;
}
/** statements of a kernel that compute one point */
const MEMBERS = 48;

/**
 * In topological order, each point joins its arguments' group if that reads nothing that depends on the point: all other arguments come
 * from lower levels.
 */
export function grouped(roots: readonly Node[], given: ReadonlySet<Node>, due: (n: Node) => number): Grouping {
  const nodes = topological(roots);
  const uses = new Map<Node, number>();
  for (const n of [...nodes.flatMap(x => x.args), ...roots]) uses.set(n, (uses.get(n) ?? 0) + 1);
  const of = new Map<Node, Group>();
  const levels = new Map<Node, number>();
  const level = (n: Node): number => of.get(n)?.level ?? levels.get(n)!;
  const start = (n: Node, at: number, seed: boolean): void => {
    of.set(n, { members: [n], level: at, ...(seed ? { seed: n } : {}) });
  };
  for (const n of nodes) {
    const { kernel } = n.op;
    const below = n.args.reduce((l, a) => Math.max(l, level(a)), 0);
    if (given.has(n) || kernel.k === "none" || kernel.k === "stored")
      levels.set(n, kernel.k === "none" && n.args.length ? below + 1 : below);
    else if (kernel.k === "phases") start(n, below + 1, true);
    else if (absorbed(n) || (kernel.k === "view" && kernel.rowMajor)) levels.set(n, below);
    else if (kernel.k === "view") start(n, below + 1, false);
    else {
      const joined = join(n, below, of, levels, due);
      if (joined) for (const m of joined.members) of.set(m, joined);
      else start(n, below + 1, false);
    }
  }
  sink(nodes, new Set(roots), of);
  return { of, level, uses };
}
/**
 * Points that only points of one later group read, at the same coordinates, are computed there: t = 0.9 * v; w - (t + g)  -->  one kernel.
 * What they read comes from lower levels still.
 */
function sink(nodes: readonly Node[], roots: ReadonlySet<Node>, of: Map<Node, Group>): void {
  const readers = new Map<Node, Node[]>();
  for (const n of nodes) for (const a of n.args) readers.set(a, [...(readers.get(a) ?? []), n]);
  for (const n of nodes) {
    const from = of.get(n);
    if (!from || from.seed || from.members[0] !== n) continue;
    const to = onlyReader(from, roots, readers, of);
    if (!to || from.members.length + to.members.length > MEMBERS) continue;
    const [seed, points] = [to.seed, to.members.filter(m => m !== to.seed)];
    const joined: Group = { ...to, members: [...(seed ? [seed] : []), ...from.members, ...points] };
    for (const m of joined.members) of.set(m, joined);
  }
}
function onlyReader(
  from: Group,
  roots: ReadonlySet<Node>,
  readers: ReadonlyMap<Node, readonly Node[]>,
  of: ReadonlyMap<Node, Group>,
): Group | undefined {
  let to: Group | undefined;
  for (const m of from.members) {
    if (roots.has(m) || m.op.kernel.k !== "point") return undefined;
    for (const r of readers.get(m) ?? []) {
      const g = of.get(r);
      if (g === from) continue;
      if (!g || (to && g !== to) || r === g.seed || r.op.kernel.k !== "point" || !sameShape(m, r)) return undefined;
      to = g;
    }
  }
  return to;
}
/** the groups of n's arguments at level `below`, as one, and n behind them; undefined: they cannot be one */
function join(
  n: Node,
  below: number,
  of: ReadonlyMap<Node, Group>,
  levels: ReadonlyMap<Node, number>,
  due: (n: Node) => number,
): Group | undefined {
  const groups = new Set<Group>();
  for (const a of n.args) {
    const g = of.get(a);
    if (g?.level === below && sameShape(a, n) && due(g.members[0]!) === due(n)) groups.add(g);
    else if ((g?.level ?? levels.get(a)!) >= below) return undefined;
  }
  const seeds = [...groups].flatMap(g => (g.seed ? [g.seed] : []));
  const all = [...groups].flatMap(g => g.members);
  if (!groups.size || seeds.length > 1 || all.length >= MEMBERS) return undefined;
  const seed = seeds[0];
  if (seed && !hasEpilogue(seed)) return undefined;
  const members = [...all.filter(m => m === seed), ...all.filter(m => m !== seed), n];
  return { members, level: below, ...(seed ? { seed } : {}) };
}
const sameShape = (a: Node, b: Node): boolean => {
  const [x, y] = [a.type as TensorType, b.type as TensorType]; // both have kernels
  return x.shape.length === y.shape.length && x.shape.every((d, i) => sameDim(d, y.shape[i]!));
};
/** its readers compute it in place: cheap points, and views that are affine */
export function absorbed(n: Node): boolean {
  const { kernel } = n.op;
  if (kernel.k === "point") return kernel.cheap || isTest(n);
  return kernel.k === "view" && kernel.map(n).in.every(c => c.div === 1 && c.mod === undefined);
}
/** a number compared with a constant: whoever wants to know asks the number again, which takes no more bytes than a truth, a word */
function isTest(n: Node): boolean {
  if (n.args.length !== 2 || (n.type as TensorType).elem !== "bool") return false; // as: it has a kernel
  const [constants, numbers] = [n.args.filter(isLeaf), n.args.filter(a => !isLeaf(a))];
  const elem = (numbers[0]?.type as TensorType | undefined)?.elem;
  return constants.length === 1 && elem !== undefined && elem !== "bool" && STORED_BYTES[elem] <= STORED_BYTES.bool;
}
const isLeaf = ({ op, args }: Node): boolean => op.kernel.k === "point" && op.kernel.cheap && !args.length;

/**
 * One phase that stores once, at the point of its parallel axes: what is computed from the result can follow. A sum over records has its
 * results in lanes that are still to be added up, and is cut in two where it is long (tile.ts): the rest stays a kernel of its own.
 */
function hasEpilogue(n: Node): boolean {
  const rule = n.op.kernel;
  if (rule.k !== "phases") return false;
  const stores: (readonly Index[])[] = [];
  const zero: Val = { k: "const", value: 0, elem: "f32" };
  const phases = rule.build(n, {
    at: (n.type as TensorType).shape.map(() => constant(0)),
    read: () => zero,
    out: (at, value) => {
      stores.push(at);
      return { name: "out", value };
    },
  });
  const [phase, ...more] = phases;
  if (!phase || more.length || stores.length !== 1) return false;
  if (phase.axes.some(a => a.role === "reduce" && typeof a.extent !== "number")) return false;
  const parallel = phase.axes.filter(a => a.role === "parallel").map(a => a.name);
  const stored = stores[0]!.map(i =>
    i.base === 0 && !i.gather && i.terms.length === 1 && i.terms[0]!.by === 1 ? i.terms[0]!.axis : "",
  );
  return (
    stored.length === parallel.length &&
    new Set(stored).size === stored.length &&
    stored.every(a => parallel.includes(a))
  );
}
