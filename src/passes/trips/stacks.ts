/** Values of all trips of a loop, outside of it: those of one trip under each other along a new leading dim. Knows no op but by its record. */
import { inline, paramOf, rebuild } from "../../ir/inline.ts";
import { type Fn, fn, type Node } from "../../ir/node.ts";
import { shapeAt } from "../../ir/ops/attrs.ts";
import * as build from "../../ir/ops/index.ts";
import type { Type } from "../../ir/type.ts";
import { inlineLifted, lift } from "../lift.ts";
import type { Part } from "./sums.ts";
import { type Loop, rowOf } from "./trips.ts";

const toFront = (axis: number, x: Node): Node =>
  build.transpose([axis, ...shapeAt(x).flatMap((_, d) => (d === axis ? [] : [d]))], x);
/** the leading dim goes to `axis` */
export const fromFront = (x: Node, axis: number): Node =>
  build.transpose(
    shapeAt(x).map((_, d) => (d === axis ? 0 : d < axis ? d + 1 : d)),
    x,
  );
/** the value of trip `at` */
export const take = (all: Node, at: Node): Node =>
  build.reshape(shapeAt(all).slice(1), build.gather(0, 0, all, build.reshape([1], at)));
/** `all` with the value of trip `at` at its place */
export function put(all: Node, at: Node, x: Node): Node {
  const shape = shapeAt(all);
  const here = build.lane("eq", build.iota("i32", shape, 0), build.broadcast(shape, [], at));
  const axes = shapeAt(x).map((_, d) => d + 1);
  return build.select(here, build.broadcast(shape, axes, x), all);
}
/** a row of what is there before the loop, seen in whatever shape: it need not be kept once more */
export function isTaken(n: Node, at: Node, trip: number): boolean {
  let x = n;
  while (x.op.kernel.k === "view" && !rowOf(x, at, trip)) x = x.args[0]!;
  return rowOf(x, at, trip) !== undefined;
}
/** what the roots need that is not known yet, arguments first */
export function below(roots: readonly Node[], known: ReadonlyMap<Node, unknown>): readonly Node[] {
  const out: Node[] = [];
  const state = new Map<Node, "open" | "done">();
  const stack = [...roots];
  for (let n = stack.at(-1); n; n = stack.at(-1)) {
    if (known.has(n) || state.get(n) === "done") stack.pop();
    else if (state.get(n) === "open") {
      state.set(n, "done");
      out.push(n);
      stack.pop();
    } else {
      state.set(n, "open");
      stack.push(...n.args);
    }
  }
  return out;
}

/** lives while one loop is taken apart */
export class Stacks {
  private readonly loop: Loop;
  private readonly at: Node;
  /** states whose rows are still those of the start */
  private readonly restarted: ReadonlySet<number>;
  private readonly held = new Map<Node, Node>();
  constructor(loop: Loop, at: Node, restarted: ReadonlySet<number>) {
    this.loop = loop;
    this.at = at;
    this.restarted = restarted;
  }
  /** a value of the body, whose values of all trips lie in `all` along `axis` */
  holds(value: Node, all: Node, axis: number): void {
    if (!this.held.has(value)) this.held.set(value, toFront(axis, all));
  }
  /** what hangs on no state: of all trips where it hangs on their number */
  before(n: Node, timed: boolean): Node {
    if (timed) return this.all(n);
    const { body, starts, captures } = this.loop;
    const none = (i: number): Node => build.parameter(body.params.length + i, body.params[i]!);
    return inline(fn(body.params, [n]), [...starts.map((_, i) => none(i)), ...captures])[0]!;
  }
  /** the values of all trips */
  all(n: Node): Node {
    const { captures, starts, trip } = this.loop;
    const given: Node[] = [];
    const mapped: boolean[] = [];
    const types: Type[] = [];
    const now = new Map<Node, Node>();
    const cut = (x: Node, arg: Node, own: boolean): void => {
      const type = x.type;
      now.set(x, build.parameter(types.push(type) - 1, type));
      given.push(arg);
      mapped.push(own);
    };
    const known = this.cuts(n);
    for (const [x, arg] of known) cut(x, arg, true);
    for (const x of below([n], now)) {
      if (x.op.control !== "param")
        now.set(
          x,
          rebuild(
            x,
            x.args.map(a => now.get(a)!),
          ),
        );
      else if (x === this.at) cut(x, build.iota("i32", [trip], 0), true);
      else cut(x, captures[paramOf(x) - starts.length]!, false);
    }
    const f: Fn = fn(types, [now.get(n)!]);
    return inlineLifted(lift(f, mapped, trip), given, trip)[0]!;
  }
  /** the uppermost nodes below n whose values of all trips are there, and these */
  private cuts(n: Node): ReadonlyMap<Node, Node> {
    const { captures, starts, trip } = this.loop;
    const out = new Map<Node, Node>();
    const seen = new Set<Node>();
    const todo = [n];
    for (let x = todo.pop(); x; x = todo.pop()) {
      if (seen.has(x)) continue;
      seen.add(x);
      const held = this.held.get(x);
      const row = rowOf(x, this.at, trip);
      const i = row ? paramOf(row.of) : -1;
      const of = i < starts.length ? (this.restarted.has(i) ? starts[i] : undefined) : captures[i - starts.length];
      if (held) out.set(x, held);
      else if (row && of) {
        const front = toFront(row.axis, of);
        out.set(x, build.reshape([trip, ...shapeAt(x)], front));
      } else todo.push(...x.args);
    }
    return out;
  }
  /** the sum over all trips */
  total(part: Part): Node {
    if (part.k === "row") return fromFront(this.all(part.value), part.axis);
    const views: Node[] = [];
    let x = part.of;
    for (; x.op.kernel.k === "view"; x = x.args[0]!) views.push(x);
    const flags = x.args.map(a => this.moves(a));
    const args = x.args.map((a, i) => (flags[i] ? this.all(a) : this.before(a, false)));
    if (x.op.lift === "none") throw new Error(`internal: stacks of ${x.op.name}`);
    const lifted = x.op.lift(x, args, flags, this.loop.trip);
    return views.reduceRight((y, v) => rebuild(v, [y]), build.reduce("add", [0], lifted));
  }
  private moves(n: Node): boolean {
    const { body, starts } = this.loop;
    const states = new Set(starts.map((_, i) => build.parameter(i, body.params[i]!)));
    return below([n], new Map()).some(x => states.has(x));
  }
}
