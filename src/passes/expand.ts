/** Removes map, grad and call, and takes every op that is no primitive apart. Knows no op but by its record. */
import { inline, paramOf, rebuild } from "../ir/inline.ts";
import { type Fn, fn, fnsOf, type Node, spansOf, topological } from "../ir/node.ts";
import { mapFns } from "../ir/rewrite.ts";
import type { TensorType } from "../ir/type.ts";
import { gradient } from "./autodiff.ts";
import { isLiftable, oneByOne } from "./each.ts";
import { inlineLifted, lift } from "./lift.ts";
import type { Pass } from "./pass.ts";
import { hand } from "./spans.ts";

export const expand: Pass = {
  name: "expand",
  doc:
    "get{0}(map{fn: x => exp(x)}(xs))  -->  exp(xs);  get{1}(grad{fn: x => x * x}(a))  -->  2 * a;  " +
    "aggregate{fn, add}(d)  -->  s + c of batches{(s, c) => two_sum(s, c, reduce{add}(fn lifted))}(d)",
  from: "segmented",
  to: "expanded",
  run: stage => {
    const main = expandAll(stage.main);
    return main === stage.main ? stage : { ...stage, main };
  },
};

/** to the end: what decomposing or differentiating brings in is expanded, too */
export function expandAll(f: Fn): Fn {
  for (;;) {
    const next = decompose(expandFn(f));
    if (next === f) return f;
    f = next;
  }
}

/** f without map, grad and call, innermost Fn first; ops that are no primitives stay, since their own gradients are better than those of their parts */
export function expandFn(f: Fn, memo = new Map<Fn, Fn>()): Fn {
  const old = memo.get(f);
  if (old) return old;
  const inner = (g: Fn): Fn => expandFn(g, memo);
  const now = new Map<Node, Node>();
  const parts = new Map<Node, readonly Node[]>();
  for (const x of topological(f.results)) {
    const args = x.args.map(a => now.get(a) ?? a); // a removed application is an argument of get only
    switch (x.op.control) {
      case "get":
        now.set(x, parts.get(x.args[0]!)?.[paramOf(x)] ?? rebuild(x, args));
        break;
      case "call":
        parts.set(x, inline(inner(body(x)), args));
        break;
      case "map": {
        const mapped = x.attrs["mapped"] as readonly boolean[]; // by the type rule of map, as `wrt` by that of grad
        const n = (args[mapped.indexOf(true)]!.type as TensorType).shape[0]!;
        const f = inner(body(x));
        if (typeof n === "number" && !isLiftable(f, mapped)) {
          const made = oneByOne(f, mapped, args, n);
          hand(spansOf(x), made, new Set(topological(args)));
          parts.set(x, made);
          break;
        }
        const lifted = lift(f, mapped, n);
        parts.set(x, inlineLifted({ ...lifted, fn: inner(lifted.fn) }, args, n));
        break;
      }
      case "grad":
        parts.set(x, inline(inner(gradient(inner(body(x)), x.attrs["wrt"] as readonly number[])), args));
        break;
      default:
        now.set(x, rebuild(x, args, mapFns(x.attrs, inner)));
    }
  }
  const g = fn(
    f.params,
    f.results.map(r => now.get(r)!),
  );
  memo.set(f, g);
  memo.set(g, g);
  return g;
}

/** one step of every op that is no primitive, in f and the Fns of its nodes; those that can share what they read do */
function decompose(f: Fn, memo = new Map<Fn, Fn>()): Fn {
  const old = memo.get(f);
  if (old) return old;
  const now = new Map<Node, Node>();
  const known = new Set<Node>();
  const settle = (from: Node, to: Node): void => {
    hand(spansOf(from), [to], known);
    known.add(to);
    now.set(from, to);
  };
  const rebuilt = (x: Node): Node =>
    rebuild(
      x,
      x.args.map(a => now.get(a)!),
      mapFns(x.attrs, g => decompose(g, memo)),
    );
  for (const { shared, rest } of layers(f.results)) {
    const groups = Map.groupBy(
      shared.map(x => ({ x, y: rebuilt(x) })),
      ({ y }) => `${y.op.name} ${y.args[0]!.id}`,
    );
    for (const group of groups.values()) {
      const made = group[0]!.y.op.decomposeAll!(group.map(({ y }) => y));
      // what they share belongs to the places of all
      const before = new Set(known);
      for (const [i, { x }] of group.entries()) hand(spansOf(x), [made[i]!], new Set(before));
      for (const [i, { x }] of group.entries()) settle(x, made[i]!);
    }
    for (const x of rest) {
      const y = rebuilt(x);
      settle(x, y.op.decompose?.(y) ?? y);
    }
  }
  const g = fn(
    f.params,
    f.results.map(r => now.get(r)!),
  );
  memo.set(f, g);
  return g;
}
interface Layer {
  readonly shared: Node[];
  readonly rest: Node[];
}
/** nodes that decompose together, by how many such are below them: those of one layer do not depend on each other. Arguments first */
function layers(results: readonly Node[]): readonly Layer[] {
  const depth = new Map<Node, number>();
  const out: Layer[] = [{ shared: [], rest: [] }];
  for (const x of topological(results)) {
    const below = x.args.reduce((d, a) => Math.max(d, depth.get(a)!), 0);
    const own = x.op.decomposeAll ? below + 1 : below;
    depth.set(x, own);
    const layer = (out[own] ??= { shared: [], rest: [] });
    (x.op.decomposeAll ? layer.shared : layer.rest).push(x);
  }
  return out;
}

const body = (x: Node): Fn => fnsOf(x)[0]!;
