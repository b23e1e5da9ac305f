/**
 * What the body of a loop says of its trips: which state counts them, what is the same in all, what hangs on their number alone, which
 * states keep one value of each trip. Knows no op but by its record.
 */
import { inline, paramOf, rebuild } from "../../ir/inline.ts";
import { type Fn, fn, type Node, topological } from "../../ir/node.ts";
import { elemOf, shapeAt } from "../../ir/ops/attrs.ts";
import * as build from "../../ir/ops/index.ts";
import { argsOf, axesOf, axisOf, batchOf, constantOf, isBroadcast, isGather, isIota } from "../../ir/ops/match.ts";
import { simplifyFn } from "../simplify.ts";

/** a loop of a fixed number of trips, at least two */
export interface Loop {
  readonly body: Fn;
  readonly trip: number;
  readonly starts: readonly Node[];
  readonly captures: readonly Node[];
}
/** undefined: it ends when it wants to, or others see its states after each trip */
export function loopOf(n: Node): Loop | undefined {
  if (n.op.control !== "loop" || n.attrs["until"] === true || n.attrs["checkpoint"] !== undefined) return undefined;
  const [trip, count] = [n.attrs["trip"] as number, n.attrs["states"] as number]; // this and what follows: by the type rule
  if (trip < 2) return undefined;
  return { body: n.attrs["body"] as Fn, trip, starts: n.args.slice(0, count), captures: n.args.slice(count) };
}
const param = (f: Fn, i: number): Node => build.parameter(i, f.params[i]!);

// ---- counters

/** the number of the first trip and what each adds to it: 0 and 1, or the last and -1 */
interface Count {
  readonly start: number;
  readonly by: 1 | -1;
}
function countOf({ body, starts, trip }: Loop, i: number): Count | undefined {
  const start = constantOf(starts[i]!);
  if (start === undefined || elemOf(starts[i]!) !== "i32") return undefined;
  const [next, old] = [body.results[i]!, param(body, i)];
  const more = argsOf("add", next);
  const less = argsOf("sub", next);
  const [a, b] = more ?? less ?? [];
  const by = a === old && b ? constantOf(b) : undefined;
  if (by === undefined) return undefined;
  const step = more ? by : -by;
  if (step === 1 && start === 0) return { start, by: 1 };
  return step === -1 && start === trip - 1 ? { start, by: -1 } : undefined;
}
/** the state that counts the trips, as a node of the body; a loop without one gets it */
export function counted(loop: Loop): { readonly loop: Loop; readonly at: Node; readonly count: Count } {
  for (const i of loop.starts.keys()) {
    const count = countOf(loop, i);
    if (count) return { loop: settled(loop, i, count), at: param(loop.body, i), count };
  }
  const { body, starts } = loop;
  const zero = build.full(0, "i32");
  const params = body.params.toSpliced(starts.length, 0, zero.type);
  const old = body.params.map((p, i) => build.parameter(i < starts.length ? i : i + 1, p));
  const at = build.parameter(starts.length, zero.type);
  const results = inline(body, old).toSpliced(starts.length, 0, build.lane("add", at, build.full(1, "i32")));
  const grown = { ...loop, starts: [...starts, zero], body: fn(params, results) };
  return { loop: grown, at, count: { start: 0, by: 1 } };
}
/** max(0, min(at, trips - 1)) is `at`; what counts otherwise is a form of it */
function settled(loop: Loop, main: number, count: Count): Loop {
  const { body, starts, trip } = loop;
  const at = param(body, main);
  const now = new Map<Node, Node>();
  for (const i of starts.keys()) {
    const other = i === main ? undefined : countOf(loop, i);
    if (!other) continue;
    const opposite = build.lane("sub", build.full(trip - 1, "i32"), at);
    now.set(param(body, i), other.by === count.by ? at : opposite);
  }
  const counters = new Map(now);
  for (const n of topological(body.results)) {
    if (now.has(n)) continue;
    const again = rebuild(
      n,
      n.args.map(a => now.get(a)!),
    );
    now.set(n, inRange(again, at, trip) ?? again);
  }
  // a counter that is a form of another still counts for those who read it in the end
  const counts = (i: number): boolean => i < starts.length && counters.has(param(body, i));
  const results = body.results.map((r, i) => (counts(i) ? r : now.get(r)!));
  return { ...loop, body: simplifyFn(fn(body.params, results)) };
}
function inRange(n: Node, at: Node, trip: number): Node | undefined {
  const [low, high] = [argsOf("max", n), argsOf("min", n)];
  const [a, b] = low ?? high ?? argsOf("eq", n) ?? [];
  if (!a || !b) return undefined;
  if (!low && !high) return a === at && b === at ? build.full(1, "bool") : undefined;
  const bound = a === at ? constantOf(b) : b === at ? constantOf(a) : undefined;
  if (bound === undefined) return undefined;
  return (low ? bound <= 0 : bound >= trip - 1) ? at : undefined;
}

// ---- rows

/** the row of a tensor that belongs to the trip: gather along an axis with one element for each */
export interface Row {
  readonly of: Node;
  readonly axis: number;
}
export function rowOf(n: Node, at: Node, trip: number): Row | undefined {
  if (!isGather(n) || batchOf(n) !== 0) return undefined;
  const [of, ids] = n.args as readonly [Node, Node];
  if (of.op.control !== "param" || shapeAt(of)[axisOf(n)] !== trip) return undefined;
  const isAt = ids.args[0] === at && shapeAt(ids).length === 1 && ids.op.kernel.k === "view";
  return isAt ? { of, axis: axisOf(n) } : undefined;
}
/** a state that takes one value of each trip to the place of its number: select(iota == at, value, state) */
export interface Kept {
  readonly axis: number;
  /** without the axis of the trips; absent: a constant */
  readonly value: Node | undefined;
  readonly fill: number | undefined;
}
export function keptBy(next: Node, state: Node, at: Node, trip: number): Kept | undefined {
  const [test, yes, no] = argsOf("select", next) ?? [];
  const place = test && placeOf(test, at);
  if (!place || shapeAt(state)[place.axis] !== trip) return undefined;
  const [taken, left] = place.negated ? [no!, yes!] : [yes!, no!];
  if (left !== state) return undefined;
  const fill = constantOf(taken);
  if (fill !== undefined) return { axis: place.axis, value: undefined, fill };
  if (!isBroadcast(taken)) return undefined;
  const rest = shapeAt(state).flatMap((_, d) => (d === place.axis ? [] : [d]));
  const axes = axesOf(taken);
  const whole = axes.length === rest.length && axes.every((a, i) => a === rest[i]);
  const [value] = taken.args as readonly [Node];
  // an extent of 1 that stretches is another value
  if (!whole || shapeAt(value).some((d, i) => d === 1 && shapeAt(state)[rest[i]!] !== 1)) return undefined;
  return { axis: place.axis, value, fill: undefined };
}
/** the axis along which a test is true at the trip's number only, or false there only */
function placeOf(test: Node, at: Node): { readonly axis: number; readonly negated: boolean } | undefined {
  const inner = argsOf("not", test)?.[0];
  if (inner) {
    const place = placeOf(inner, at);
    return place && { ...place, negated: !place.negated };
  }
  if (isBroadcast(test)) {
    const place = placeOf(test.args[0]!, at);
    const axis = place && axesOf(test)[place.axis]!;
    return place && axis !== undefined && shapeAt(test.args[0]!)[place.axis] === shapeAt(test)[axis]
      ? { ...place, axis }
      : undefined;
  }
  const [a, b] = argsOf("eq", test) ?? [];
  if (!a || !b) return undefined;
  const spread = (x: Node): boolean => isBroadcast(x) && x.args[0] === at && axesOf(x).length === 0;
  const count = isIota(a) && spread(b) ? a : isIota(b) && spread(a) ? b : undefined;
  return count && elemOf(count) === "i32" ? { axis: axisOf(count), negated: false } : undefined;
}

// ---- what hangs on what

/** fixed: the same in all trips; timed: hangs on the trip's number alone; live: on other states */
export type Kind = "fixed" | "timed" | "live";
export function kindsOf(body: Fn, states: number, at: Node): ReadonlyMap<Node, Kind> {
  const kinds = new Map<Node, Kind>();
  for (const n of topological(body.results)) {
    const own: Kind = n === at ? "timed" : n.op.control === "param" && paramOf(n) < states ? "live" : "fixed";
    const kind = n.args.reduce<Kind>((k, a) => later(k, kinds.get(a)!), own);
    // what goes over rows is done trip by trip
    const isControl = n.op.control !== undefined && n.op.control !== "param";
    kinds.set(n, kind === "timed" && isControl ? "live" : kind);
  }
  return kinds;
}
const ORDER: readonly Kind[] = ["fixed", "timed", "live"];
const later = (a: Kind, b: Kind): Kind => (ORDER.indexOf(a) < ORDER.indexOf(b) ? b : a);
