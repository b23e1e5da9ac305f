/**
 * A loop whose trips another loop goes through as well, with states of its own besides, is that other one: so the trips of a scan are
 * not gone through again for its gradient, which keeps their states. Knows no op but by its control.
 */
import { inline, paramOf, rebuild } from "../ir/inline.ts";
import { addSpans, type Fn, fn, type Node, spansOf, topological } from "../ir/node.ts";
import { get, parameter } from "../ir/ops/build.ts";
import { mapFns } from "../ir/rewrite.ts";
import { sameType } from "../ir/type.ts";
import type { Pass } from "./pass.ts";

export const unite: Pass = {
  name: "unite",
  doc: "get{0}(loop{s => f(s)}(a)), get{1}(loop{(s, h) => (f(s), g(s, h))}(a, b))  -->  get{0}, get{1} of the second",
  from: "expanded",
  to: "expanded",
  run: stage => {
    const main = uniteFn(stage.main);
    return main === stage.main ? stage : { ...stage, main };
  },
};

function uniteFn(f: Fn, memo = new Map<Fn, Fn>()): Fn {
  const old = memo.get(f);
  if (old) return old;
  let g = inside(f, memo);
  for (let pair = find(g); pair; pair = find(g)) g = without(g, pair);
  memo.set(f, g);
  memo.set(g, g);
  return g;
}
/** the functions of its nodes, first */
function inside(f: Fn, memo: Map<Fn, Fn>): Fn {
  const now = new Map<Node, Node>();
  for (const n of topological(f.results)) {
    const args = n.args.map(a => now.get(a)!);
    now.set(
      n,
      rebuild(
        n,
        args,
        mapFns(n.attrs, g => uniteFn(g, memo)),
      ),
    );
  }
  const results = f.results.map(r => now.get(r)!);
  return results.every((r, i) => r === f.results[i]) ? f : fn(f.params, results);
}

interface Pair {
  readonly gone: Node;
  readonly by: Node;
  /** where each state of the one is among those of the other */
  readonly places: readonly number[];
}
const statesOf = (n: Node): number => n.attrs["states"] as number; // this and what follows: by the type rule of loop
const bodyOf = (n: Node): Fn => n.attrs["body"] as Fn;
function find(f: Fn): Pair | undefined {
  const plain = (n: Node): boolean =>
    n.op.control === "loop" &&
    n.attrs["until"] !== true &&
    n.attrs["checkpoint"] === undefined &&
    bodyOf(n).results.length === statesOf(n);
  const loops = topological(f.results).filter(plain);
  for (const gone of loops)
    for (const by of loops) {
      if (gone === by || gone.attrs["trip"] !== by.attrs["trip"] || statesOf(gone) > statesOf(by)) continue;
      const places = within(gone, by);
      if (places && !topological([by]).includes(gone)) return { gone, by, places };
    }
  return undefined;
}
/** states of equal starts and equal next values, in their order */
function within(gone: Node, by: Node): readonly number[] | undefined {
  const places: number[] = [];
  for (let i = 0; i < statesOf(gone); i++) {
    const from = (places.at(-1) ?? -1) + 1;
    const at = by.args.slice(0, statesOf(by)).indexOf(gone.args[i]!, from);
    if (at < 0) return undefined;
    places.push(at);
  }
  const captures = gone.args.slice(statesOf(gone)).map(c => by.args.indexOf(c, statesOf(by)));
  if (captures.includes(-1)) return undefined;
  const { params, results } = bodyOf(by);
  const inputs = [...places, ...captures].map(i => parameter(i, params[i]!));
  if (!inputs.every((p, i) => sameType(p.type, bodyOf(gone).params[i]!))) return undefined;
  const next = inline(bodyOf(gone), inputs);
  return next.every((n, i) => n === results[places[i]!]) ? places : undefined;
}
function without(f: Fn, { gone, by, places }: Pair): Fn {
  const isPart = (n: Node): boolean => n.op.control === "get" && n.args[0] === gone;
  const now = new Map<Node, Node>();
  const stack = [...f.results];
  for (let n = stack.at(-1); n; n = stack.at(-1)) {
    const args = isPart(n) ? [by] : n.args;
    const open = args.filter(a => !now.has(a));
    if (now.has(n) || !open.length) {
      stack.pop();
      const made = args.map(a => now.get(a)!);
      const moved = isPart(n) && addSpans(get(places[paramOf(n)]!, made[0]!), spansOf(n));
      if (!now.has(n)) now.set(n, moved || rebuild(n, made));
    } else stack.push(...open);
  }
  return fn(
    f.params,
    f.results.map(r => now.get(r)!),
  );
}
