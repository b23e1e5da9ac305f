/** Takes out of loops what nobody reads: states, rows, captures. Knows no op but by its control. */
import { inline, paramOf, rebuild } from "../ir/inline.ts";
import { type Attrs, addSpans, type Fn, fn, make, type Node, spansOf, topological } from "../ir/node.ts";
import { batchesArgs, bodyParams } from "../ir/ops/batches.ts";
import { get, parameter } from "../ir/ops/build.ts";
import { mapFns } from "../ir/rewrite.ts";
import type { Pass } from "./pass.ts";

export const prune: Pass = {
  name: "prune",
  doc: "get{0}(loop{(s, t, v) => (s + v, t + s)}(a, b, c))  -->  get{0}(loop{(s, v) => s + v}(a, c))",
  from: "expanded",
  to: "expanded",
  run: stage => {
    const main = pruneFn(stage.main);
    return main === stage.main ? stage : { ...stage, main };
  },
};

export function pruneFn(f: Fn, memo = new Map<Fn, Fn>()): Fn {
  const old = memo.get(f);
  if (old) return old;
  const nodes = topological(f.results);
  const { live, smaller } = needs(nodes, f.results);
  const now = new Map<Node, Node>();
  for (const n of nodes.filter(x => live.has(x))) {
    const less = smaller.get(n);
    const args = (less?.args.map(i => n.args[i]!) ?? n.args).map(a => now.get(a)!);
    const places = n.op.control === "get" ? smaller.get(n.args[0]!)?.places : undefined;
    const moved = places && addSpans(get(places.get(paramOf(n))!, args[0]!), spansOf(n));
    const small = less ? addSpans(make(n.op, args, less.attrs), spansOf(n)) : (moved ?? rebuild(n, args));
    now.set(
      n,
      rebuild(
        small,
        small.args,
        mapFns(small.attrs, g => pruneFn(g, memo)),
      ),
    );
  }
  const g = fn(
    f.params,
    f.results.map(r => now.get(r)!),
  );
  memo.set(f, g);
  return g;
}

/** what is read, and the loops that can do with less; readers first: what a loop does not need is read by nobody */
function needs(
  nodes: readonly Node[],
  results: readonly Node[],
): { readonly live: ReadonlySet<Node>; readonly smaller: ReadonlyMap<Node, Less> } {
  const live = new Set(results);
  const read = new Map<Node, Set<number>>();
  const smaller = new Map<Node, Less>();
  for (const n of nodes.toReversed()) {
    if (!live.has(n)) continue;
    if (n.op.control === "get") read.set(n.args[0]!, (read.get(n.args[0]!) ?? new Set()).add(paramOf(n)));
    const loops = n.op.control === "loop" || n.op.control === "batches";
    const less = loops ? lessOf(n, read.get(n) ?? new Set()) : undefined;
    if (less) smaller.set(n, less);
    for (const a of less ? less.args.map(i => n.args[i]!) : n.args) live.add(a);
  }
  return { live, smaller };
}

interface Less {
  /** which arguments stay */
  readonly args: readonly number[];
  readonly attrs: Attrs;
  /** from the old members of the tuple to the new */
  readonly places: ReadonlyMap<number, number>;
}
/** how a loop's body, arguments and results go together, by index */
interface Form {
  readonly body: Fn;
  readonly states: number;
  /** the parameter, the argument and the result of state 0 */
  readonly param: number;
  readonly arg: number;
  /** arguments behind the states, and the first of their parameters */
  readonly captures: number;
  readonly capture: number;
  /** results that stay: the end, logs */
  readonly roots: readonly number[];
  /** members of the tuple that are outs, as results of the body; first: the member of the first */
  readonly outs: number;
  readonly firstOut: number;
}
function formOf(n: Node): Form {
  const body = n.attrs["body"] as Fn; // this and what follows: by the type rules of loop and batches
  const states = n.attrs["states"] as number;
  if (n.op.control === "loop")
    return {
      body,
      states,
      param: 0,
      arg: 0,
      captures: states,
      capture: states,
      roots: body.results.map((_, i) => i).slice(states),
      outs: 0,
      firstOut: states,
    };
  const at = bodyParams(n);
  const { clock, captures } = batchesArgs(n.args, n.attrs);
  const outs = n.attrs["outs"] as number;
  return {
    body,
    states,
    param: at.states,
    arg: clock ? 4 : 2,
    captures: n.args.length - captures.length,
    capture: at.captures,
    roots: body.results.map((_, i) => i).slice(states + outs),
    outs,
    firstOut: states + (clock ? 1 : 0),
  };
}
/** undefined: all is read */
function lessOf(n: Node, read: ReadonlySet<number>): Less | undefined {
  if (n.attrs["checkpoint"] !== undefined) return undefined;
  const f = formOf(n);
  const states = new Set([...read].filter(i => i < f.states));
  const outs = Array.from({ length: f.outs }, (_, i) => i).filter(i => read.has(f.firstOut + i));
  const others = [...f.roots, ...outs.map(i => f.states + i)];
  let params = new Set<number>();
  for (let size = -1; size !== states.size; ) {
    size = states.size;
    params = reached([...states, ...others].map(i => f.body.results[i]!));
    for (const p of params) if (p >= f.param && p < f.param + f.states) states.add(p - f.param);
  }
  const kept = [...states].sort((a, b) => a - b);
  const captures = n.args
    .map((_, i) => i)
    .slice(f.captures)
    .filter(i => params.has(f.capture + i - f.captures));
  if (kept.length === f.states && outs.length === f.outs && captures.length === n.args.length - f.captures)
    return undefined;

  const first = n.args.map((_, i) => i).slice(0, f.arg);
  const stays = f.body.params.flatMap((_, i) => {
    const state = i - f.param;
    if (state >= 0 && state < f.states) return states.has(state) ? [i] : [];
    return i < f.capture || captures.includes(i - f.capture + f.captures) ? [i] : [];
  });
  const inputs = new Map(stays.map((old, i) => [old, parameter(i, f.body.params[old]!)]));
  const gone = (i: number): Node => parameter(stays.length + i, f.body.params[i]!); // read by no result that stays
  const wanted = [...kept, ...outs.map(i => f.states + i), ...f.roots].map(i => f.body.results[i]!);
  const body = fn(
    stays.map(i => f.body.params[i]!),
    inline(
      fn(f.body.params, wanted),
      f.body.params.map((_, i) => inputs.get(i) ?? gone(i)),
    ),
  );
  const between = f.firstOut - f.states; // a clock's step
  const places = new Map([
    ...kept.map((old, i) => [old, i] as const),
    ...(between ? [[f.states, kept.length] as const] : []),
    ...outs.map((old, i) => [f.firstOut + old, kept.length + between + i] as const),
  ]);
  const names = n.attrs["names"] as readonly string[] | undefined;
  const overwritten = n.attrs["overwritten"] as readonly boolean[] | undefined;
  return {
    args: [...first, ...kept.map(i => f.arg + i), ...captures],
    attrs: {
      ...n.attrs,
      body,
      states: kept.length,
      ...(f.outs ? { outs: outs.length } : {}),
      ...(names ? { names: kept.map(i => names[i]!) } : {}),
      ...(overwritten ? { overwritten: kept.map(i => overwritten[i]!) } : {}),
    },
    places,
  };
}
const reached = (results: readonly Node[]): Set<number> =>
  new Set(topological(results).flatMap(x => (x.op.control === "param" ? [paramOf(x)] : [])));
