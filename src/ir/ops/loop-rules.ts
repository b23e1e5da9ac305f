/** How a loop over states is mapped and differentiated. Knows no training. */
import { inline, paramOf, rebuild } from "../inline.ts";
import { type Fn, fn, type Node, topological } from "../node.ts";
import { NoGradient } from "../op.ts";
import { type Dim, isFloat, type Type, tensor } from "../type.ts";
import { constant, plus, spread } from "./accumulate.ts";
import { elemOf, fnAttr, shapeAt, typeOf } from "./attrs.ts";
import {
  broadcast,
  call,
  cast,
  full,
  gather,
  get,
  grad,
  iota,
  lane,
  map,
  parameter,
  recall,
  reduce,
  reshape,
  select,
} from "./build.ts";
import { type LoopAttrs, loop } from "./loop-build.ts";
import { argsOf, constantOf, isContract, termsOf } from "./match.ts";

const attrsOf = (node: Node): LoopAttrs => node.attrs as unknown as LoopAttrs; // as: by the type rule of loop
const closed = (params: readonly Type[], results: (inputs: readonly Node[]) => readonly Node[]): Fn =>
  fn(params, results(params.map((p, i) => parameter(i, p))));

// ---- lift

/** which results depend on parameters that are `mapped` */
function reached(f: Fn, mapped: readonly boolean[]): readonly boolean[] {
  const hit = new Set<Node>();
  for (const x of topological(f.results))
    if (x.op.control === "param" ? mapped[x.attrs["i"] as number] : x.args.some(a => hit.has(a))) hit.add(x);
  return f.results.map(r => hit.has(r));
}
/** which states and captures have a value for each record, where these arguments have */
export function carriedOn(node: Node, mapped: readonly boolean[]): readonly boolean[] {
  const { states, until } = attrsOf(node);
  const body = fnAttr(node.attrs, "body");
  for (let flags = mapped; ; ) {
    const hit = reached(body, flags);
    const next = flags.map((m, i) => m || (i < states && (hit[i]! || (until && hit[states]!))));
    if (next.every((m, i) => m === flags[i])) return flags;
    flags = next;
  }
}
/**
 * loop{f}(s, v), v mapped  -->  loop{(s, v) => map{f}(s, v)}(s spread, v): states that depend on a record have one value for each;
 * the others stay shared. Where the end depends on a record, a record that has ended keeps its states.
 */
export function liftLoop(node: Node, args: readonly Node[], mapped: readonly boolean[], n: Dim): Node {
  const attrs = attrsOf(node);
  const body = fnAttr(node.attrs, "body");
  const count = attrs.states;
  const flags = carriedOn(node, mapped);
  const own = attrs.until && reached(body, flags)[count]!;
  const starts = args.slice(0, count).map((s, i) => (flags[i] && !mapped[i] ? spread(n, s) : s));
  const alive = own ? [spread(n, full(0, "bool"))] : [];
  const captures = args.slice(count);
  const params = [...starts, ...alive, ...captures].map(a => a.type);
  const lifted = closed(params, inputs => {
    const inside = [...inputs.slice(0, count), ...inputs.slice(count + alive.length)];
    const shared = inline(
      body,
      inside.map((x, i) => (flags[i] ? parameter(params.length + i, body.params[i]!) : x)),
    );
    const each = flags.includes(true) ? map(body, flags, inside) : undefined;
    const hit = reached(body, flags);
    const result = (i: number): Node => (hit[i] ? get(i, each!) : flags[i] ? spread(n, shared[i]!) : shared[i]!);
    const done = own ? inputs[count]! : undefined;
    const states = starts.map((s, i) => (done ? keep(done, s, inputs[i]!, result(i)) : result(i)));
    if (!attrs.until) return states;
    if (!done) return [...states, shared[count]!];
    const ended = lane("or", done, get(count, each!));
    return [...states, ended, reduce("and", [0], ended)];
  });
  const names = [...attrs.names, ...alive.map(() => "done")];
  // a trip of all records has no one value of what is shown
  const whole = { ...attrs, body: lifted, states: count + alive.length, names, logs: [] };
  const t = loop(whole, [...starts, ...alive], captures);
  // whoever reads a member finds the leading dim
  const parts = starts.map((_, i) => get(i, t));
  const all = closed(
    parts.map(p => p.type),
    inside => inside.map((x, i) => (flags[i] ? x : spread(n, x))),
  );
  return call(all, parts);
}
/** the old value where `done`, one for each record */
function keep(done: Node, type: Node, old: Node, next: Node): Node {
  return select(broadcast(shapeAt(type), [0], done), old, next);
}

// ---- grad

/** the same without an early end: states stay as they are from then on */
function untimed(node: Node): { readonly attrs: LoopAttrs; readonly body: Fn; readonly starts: readonly Node[] } {
  const attrs = attrsOf(node);
  const body = fnAttr(node.attrs, "body");
  const starts = node.args.slice(0, attrs.states);
  if (!attrs.until) return { attrs, body, starts };
  const params = [...starts.map(s => s.type), tensor("bool"), ...body.params.slice(attrs.states)];
  const all = closed(params, inputs => {
    const done = inputs[attrs.states]!;
    const results = inline(body, [...inputs.slice(0, attrs.states), ...inputs.slice(attrs.states + 1)]);
    const states = starts.map((s, i) => select(broadcast(shapeAt(s), [], done), inputs[i]!, results[i]!));
    return [...states, lane("or", done, results[attrs.states]!)];
  });
  return {
    attrs: { ...attrs, until: false, states: attrs.states + 1, names: [...attrs.names, "done"] },
    body: all,
    starts: [...starts, full(0, "bool")],
  };
}
/** x with the value of trip `at` at its place along a new leading dim */
function put(all: Node, at: Node, x: Node): Node {
  const shape = shapeAt(all);
  const here = lane("eq", iota("i32", shape, 0), broadcast(shape, [], at));
  const axes = shapeAt(x).map((_, d) => d + 1);
  return select(here, broadcast(shape, axes, x), all);
}
const take = (all: Node, at: Node): Node => reshape(shapeAt(all).slice(1), gather(0, 0, all, reshape([1], at)));
const floats = (xs: readonly Node[]): readonly number[] =>
  xs.flatMap((x, i) => (x.type.k === "tensor" && isFloat(elemOf(x)) ? [i] : []));

/** terms of a sum from which on a product is dearer than a store and a load of its result */
const DEAR = 32;
/**
 * Products that a trip makes with its states: the way back keeps their results instead of making them once more. Where a product is only
 * added to something, that sum: it is as large, and there is less to read.
 */
function products(body: Fn, count: number): readonly Node[] {
  const moves = new Set<Node>();
  const readers = new Map<Node, Node[]>();
  const results = body.results.slice(0, count);
  for (const x of topological(results)) {
    if (x.op.control === "param" ? paramOf(x) < count : x.args.some(a => moves.has(a))) moves.add(x);
    for (const a of x.args) readers.set(a, [...(readers.get(a) ?? []), x]);
  }
  const dear = [...moves].filter(x => isContract(x) && isFloat(elemOf(x)) && termsOf(x) >= DEAR);
  const whole = dear.map(x => {
    const [sum, ...more] = readers.get(x) ?? [];
    return sum && !more.length && !results.includes(x) && argsOf("add", sum) ? sum : x;
  });
  return [...new Set(whole)];
}
/** with a further parameter for the value of each of `known`, which is not computed again */
function recalling(body: Fn, known: readonly Node[]): Fn {
  const params = [...body.params, ...known.map(plainType)];
  const now = new Map<Node, Node>();
  for (const n of topological(body.results)) {
    const again = rebuild(
      n,
      n.args.map(a => now.get(a)!),
    );
    const i = known.indexOf(n);
    const place = body.params.length + i;
    now.set(n, i < 0 ? again : recall(parameter(place, params[place]!), again));
  }
  return fn(
    params,
    body.results.map(r => now.get(r)!),
  );
}
/** a state that counts the trips from 0 */
function isCounter(body: Fn, start: Node, i: number): boolean {
  const [a, b] = argsOf("add", body.results[i]!) ?? [];
  const old = parameter(i, body.params[i]!);
  return constantOf(start) === 0 && elemOf(start) === "i32" && a === old && !!b && constantOf(b) === 1;
}

/**
 * The states of all trips are computed once more and kept; then the trips are gone through backwards, each differentiated by itself:
 * (cs, cv)  -->  (cs', cv + ..) = vjp{f}(s of the trip, v; cs)   (reverse mode of a scan, as JAX has it)
 */
export function gradLoop(node: Node, cotangents: readonly (Node | undefined)[]): readonly (Node | undefined)[] {
  const { attrs, body, starts } = untimed(node);
  const { trip, states: count } = attrs;
  if (trip < 0) throw new NoGradient("a repetition without a number of trips");
  const captures = node.args.slice(attrsOf(node).states);
  if (trip === 0) return node.args.map((_, i) => cotangents[i]);
  const one = full(1, "i32");
  const zero = full(0, "i32");

  // what counts the trips is its number; of the other states and of the products all values are kept
  const counts = starts.map((s, i) => isCounter(body, s, i));
  const clock = counts.indexOf(true);
  const known = products(body, count);
  const past = [...starts.filter((_, i) => !counts[i]), ...known];
  const kept = past.map(s => full(0, elemOf(s), [trip, ...shapeAt(s)]));
  const first = [...starts, ...(clock < 0 ? [zero] : [])];
  const whole = fn(body.params, [...body.results.slice(0, count), ...known]);
  const forward = closed([...first, ...kept, ...captures].map(plainType), inputs => {
    const [now, all] = [inputs.slice(0, count), inputs.slice(first.length, first.length + kept.length)];
    const at = inputs[clock < 0 ? count : clock]!;
    const results = inline(whole, [...now, ...inputs.slice(first.length + kept.length)]);
    const values = [...now.filter((_, i) => !counts[i]), ...results.slice(count)];
    const next = [...results.slice(0, count), ...(clock < 0 ? [plus(at, one)] : [])];
    return [...next, ...all.map((h, i) => put(h, at, values[i]!))];
  });
  const there = repeat(forward, trip, [...first, ...kept], captures);
  const history = kept.map((_, i) => get(first.length + i, there));

  const [fs, fc] = [floats(starts), floats(captures)];
  const end = fs.map(i => cotangents[i] ?? constant(0, starts[i]!.type));
  const sums = fc.map(i => constant(0, captures[i]!.type));
  const carried = [...end, ...sums, full(trip - 1, "i32")];
  const pulled = recalling(fn(body.params, body.results.slice(0, count)), known);
  const backward = closed([...carried, ...history, ...captures].map(plainType), inputs => {
    const [slopes, totals] = [inputs.slice(0, fs.length), inputs.slice(fs.length, fs.length + fc.length)];
    const at = inputs[fs.length + fc.length]!;
    const rows = inputs.slice(carried.length, carried.length + kept.length).map(h => take(h, at));
    const now = starts.map((_, i) => (counts[i] ? at : rows[counts.slice(0, i).filter(c => !c).length]!));
    const given = [...now, ...inputs.slice(carried.length + kept.length), ...rows.slice(rows.length - known.length)];
    const back = pullback(
      pulled,
      fs,
      fc.map(i => count + i),
      given,
      slopes,
    );
    return [...back.slice(0, fs.length), ...totals.map((t, i) => plus(t, back[fs.length + i]!)), lane("sub", at, one)];
  });
  const last = repeat(backward, trip, carried, [...history, ...captures]);
  const own = attrsOf(node).states;
  return node.args.map((_, i) => {
    const k = i < own ? fs.indexOf(i) : fc.indexOf(i - own);
    return k < 0 ? undefined : get(i < own ? k : fs.length + k, last);
  });
}
const plainType = (x: Node): Type => (x.type.k === "tensor" ? tensor(x.type.elem, x.type.shape) : x.type);
const repeat = (body: Fn, trip: number, states: readonly Node[], captures: readonly Node[]): Node =>
  loop(
    {
      body,
      trip,
      states: states.length,
      until: false,
      label: "iteration",
      logs: [],
      names: states.map((_, i) => `${i}`),
    },
    states,
    captures,
  );
/** the gradients, for the float states `fs` and captures `fc` among `args`, of the states after one trip against their cotangents */
function pullback(
  body: Fn,
  fs: readonly number[],
  fc: readonly number[],
  args: readonly Node[],
  slopes: readonly Node[],
): readonly Node[] {
  const loss = closed([...args, ...slopes].map(plainType), inputs => {
    const next = inline(body, inputs.slice(0, args.length));
    const parts = fs.map((i, k): Node => {
      const product = lane("mul", next[i]!, inputs[args.length + k]!);
      const axes = typeOf(product).shape.map((_, d) => d);
      return reduce("add", axes, product);
    });
    const wide = parts.some(p => elemOf(p) === "f64") ? "f64" : "f32";
    return [parts.map(p => cast(wide, p)).reduce(plus, full(0, wide))];
  });
  const wrt = [...fs, ...fc];
  const t = grad(loss, wrt, [...args, ...slopes]);
  return wrt.map((_, i) => get(i + 1, t));
}
