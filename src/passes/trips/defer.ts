/**
 * Sums over the trips of a loop that nobody reads before its end, and what hangs on the number of the trip alone, are one product over
 * all trips instead of one in each. Knows no op but by its record.
 *
 *   loop{(s, k) => (s + contract(x_k, y_k), k + 1)}   -->   s + contract over k, too, of all x and y; those that only a trip knows it keeps
 *   loop{(s, k) => (f(s, contract(x_k, w)), k + 1)}   -->   p = contract(x, w);  loop{(s, k) => (f(s, p_k), k + 1)}
 *
 * The terms of a sum are the same and come in another order (design 4: bound).
 */
import { paramOf, rebuild } from "../../ir/inline.ts";
import { addSpans, type Fn, fn, type Node, spansOf, topological } from "../../ir/node.ts";
import { shapeAt } from "../../ir/ops/attrs.ts";
import * as build from "../../ir/ops/index.ts";
import { constantOf, isContract, termsOf } from "../../ir/ops/match.ts";
import { mapFns } from "../../ir/rewrite.ts";
import { tensor } from "../../ir/type.ts";
import type { Pass } from "../pass.ts";
import { pruneFn } from "../prune.ts";
import { simplifyFn } from "../simplify.ts";
import { type Room, roomOf } from "./room.ts";
import { below, fromFront, isTaken, put, Stacks, take } from "./stacks.ts";
import { type Sums, sumsOf } from "./sums.ts";
import { counted, type Kept, type Kind, keptBy, kindsOf, type Loop, loopOf, rowOf } from "./trips.ts";

export const defer: Pass = {
  name: "defer",
  doc: "get{0}(loop{(s, k) => (s + contract{i,j->ij}(x_k, y_k), k + 1)}(a, 0))  -->  a + contract{ki,kj->ij}(x, y)",
  from: "expanded",
  to: "expanded",
  run: stage => {
    const main = deferFn(stage.main);
    return main === stage.main ? stage : { ...stage, main: simplifyFn(pruneFn(main)) };
  },
};

/** records of a batch where nothing says how many */
const RECORDS = 1024;
export function deferFn(f: Fn, records = RECORDS, memo = new Map<Fn, Fn>()): Fn {
  const old = memo.get(f);
  if (old) return old;
  const now = new Map<Node, Node>();
  const parts = new Map<Node, readonly Node[]>();
  for (const n of topological(f.results)) {
    const moved = n.op.control === "get" ? parts.get(n.args[0]!) : undefined;
    if (moved) {
      now.set(n, moved[paramOf(n)]!);
      continue;
    }
    const { batch } = n.attrs;
    const inside = typeof batch === "number" && batch > 0 && batch !== records ? batch : undefined;
    const again = rebuild(
      n,
      n.args.map(a => now.get(a)!),
      mapFns(n.attrs, g => (inside === undefined ? deferFn(g, records, memo) : deferFn(g, inside))),
    );
    const loop = loopOf(again);
    const found = loop && reformed(again, loop, records);
    if (found) parts.set(n, found);
    now.set(n, again);
  }
  const results = f.results.map(r => now.get(r)!);
  const g = results.every((r, i) => r === f.results[i]) ? f : fn(f.params, results);
  memo.set(f, g);
  memo.set(g, g);
  return g;
}

/** the states after the last trip, where something moves out of the loop */
function reformed(node: Node, given: Loop, records: number): readonly Node[] | undefined {
  const m = movesOf(node, given, roomOf(given, records));
  if (!m) return undefined;
  const stacks = new Stacks(m.loop, m.at, m.restarted);
  const left = addSpans(remaining(node, m, stacks), spansOf(node));
  m.stays.forEach((i, k) => {
    const of = m.kept.get(i);
    if (of?.value) stacks.holds(of.value, build.get(k, left), of.axis);
  });
  m.fresh.forEach((n, k) => {
    stacks.holds(n, build.get(m.stays.length + k, left), 0);
  });
  return given.starts.map((start, i) => {
    const sum = m.sums.get(i);
    if (sum) return sum.reduce((x, part) => plus(x, addSpans(stacks.total(part), spansOf(node))), start);
    const k = m.kept.get(i);
    if (k?.fill !== undefined) return build.full(k.fill, build.elemOf(start), shapeAt(start));
    if (k?.value && isTaken(k.value, m.at, m.loop.trip)) return fromFront(stacks.all(k.value), k.axis);
    return build.get(m.stays.indexOf(i), left);
  });
}

// ---- what moves

interface Moves {
  /** it counts its trips: `at` is the state that does */
  readonly loop: Loop;
  readonly at: Node;
  readonly kinds: ReadonlyMap<Node, Kind>;
  /** states that keep one value of each trip; of which nobody sees a row before it is written; of which rows are read that were there at the start */
  readonly kept: ReadonlyMap<number, Kept>;
  readonly whole: ReadonlySet<number>;
  readonly restarted: ReadonlySet<number>;
  /** states that are only added to, and what is */
  readonly sums: Sums["of"];
  /** the others */
  readonly stays: readonly number[];
  /** what the trips must keep for the sums, and do not keep anyway */
  readonly fresh: readonly Node[];
  /** products that hang on no state */
  readonly early: readonly Node[];
}
/** terms of a sum from which on a product of all trips outside is worth the room for its result */
const DEAR = 32;
function movesOf(node: Node, given: Loop, room: Room): Moves | undefined {
  const { loop, at } = counted(given);
  const { body, starts, trip } = loop;
  const count = starts.length;
  const kinds = kindsOf(body, count, at);
  const readers = readersOf(body);
  const kept = new Map<number, Kept>();
  const restarted = new Set<number>();
  starts.forEach((_, i) => {
    const state = build.parameter(i, body.params[i]!);
    const k = keptBy(body.results[i]!, state, at, trip);
    const others = (readers.get(state) ?? []).filter(r => r !== body.results[i]);
    if (!k || !others.every(r => rowOf(r, at, trip)?.axis === k.axis)) return;
    kept.set(i, k);
    // each row is read in the trip that overwrites it: it is still that of the start
    if (others.length) restarted.add(i);
  });
  const values = [...kept.values()].flatMap(k => k.value ?? []);
  // a row of any other state is that of this trip
  const isGiven = (n: Node): boolean => {
    const row = rowOf(n, at, trip);
    return row !== undefined && (paramOf(row.of) >= count || restarted.has(paramOf(row.of)));
  };
  const sums = sumsOf({ body, count, at, trip, isGiven, kinds, readers, kept: values, room });
  const early = topological(body.results).filter(
    n =>
      isContract(n) && (kinds.get(n) === "fixed" || (kinds.get(n) === "timed" && termsOf(n) >= DEAR && room.take([n]))),
  );
  const whole = new Set([...kept.keys()].filter(i => readers.get(body.results[i]!)?.length === 1));
  const known = node.attrs["overwritten"] as readonly boolean[] | undefined; // as: by the type rule
  const moves = restarted.size + sums.of.size + early.length > 0 || values.some(v => isTaken(v, at, trip));
  if (!moves && [...whole].every(i => known?.[i])) return undefined;
  const stays = starts.map((_, i) => i).filter(i => !sums.of.has(i));
  return { loop, at, kinds, kept, whole, restarted, sums: sums.of, stays, fresh: [...sums.stored], early };
}

// ---- the loop that is left

function remaining(node: Node, m: Moves, stacks: Stacks): Node {
  const { body, starts, captures, trip } = m.loop;
  const room = m.fresh.map(n => build.full(0, build.elemOf(n), [trip, ...shapeAt(n)]));
  const states = [...m.stays.map(i => starts[i]!), ...room];
  const before = [...m.restarted].map(i => starts[i]!);
  const ready = m.early.map(n => stacks.before(n, m.kinds.get(n) === "timed"));
  const given = [...captures, ...before, ...ready];
  const inputs = [...states, ...given].map((a, i) => build.parameter(i, plainType(a)));
  const [own, row, product] = [states.length, states.length + captures.length, inputs.length - ready.length];
  const old = (i: number): Node => build.parameter(i, body.params[i]!);
  const now = new Map([
    ...m.stays.map((i, k) => [old(i), inputs[k]!] as const),
    ...captures.map((_, i) => [old(starts.length + i), inputs[own + i]!] as const),
  ]);
  const at = now.get(m.at)!;
  m.early.forEach((n, k) => {
    const x = inputs[product + k]!;
    now.set(n, m.kinds.get(n) === "fixed" ? x : take(x, at));
  });
  const startOf = new Map(
    [...m.restarted].map((i, k) => [old(i), constantOf(starts[i]!) === undefined ? inputs[row + k]! : starts[i]!]),
  );
  const logs = body.results.slice(starts.length);
  for (const n of below([...m.stays.map(i => body.results[i]!), ...logs, ...m.fresh], now)) {
    const args = n.args.map(a => now.get(a)!);
    const start = rowOf(n, m.at, trip) ? startOf.get(n.args[0]!) : undefined;
    const value = start && constantOf(start);
    const same = value === undefined ? undefined : build.full(value, build.elemOf(n), shapeAt(n));
    now.set(n, same ?? rebuild(n, start ? [start, ...args.slice(1)] : args));
  }
  const results = [
    ...m.stays.map(i => now.get(body.results[i]!)!),
    ...m.fresh.map((n, k) => put(inputs[m.stays.length + k]!, at, now.get(n)!)),
    ...logs.map(r => now.get(r)!),
  ];
  const attrs: build.LoopAttrs = {
    ...(node.attrs as unknown as build.LoopAttrs), // as: by the type rule
    body: fn(
      inputs.map(p => p.type),
      results,
    ),
    states: own,
    names: states.map((_, i) => `${i}`),
    overwritten: [...m.stays.map(i => m.whole.has(i)), ...m.fresh.map(() => true)],
  };
  return build.loop(attrs, states, given);
}
const plainType = (x: Node): Node["type"] => (x.type.k === "tensor" ? tensor(x.type.elem, x.type.shape) : x.type);
const plus = (a: Node, b: Node): Node => (constantOf(a) === 0 ? b : build.lane("add", a, b));
/** who reads a node, once for each time; a result counts as a reader of its own */
function readersOf(f: Fn): ReadonlyMap<Node, readonly Node[]> {
  const readers = new Map<Node, Node[]>();
  const add = (n: Node, by: Node): void => {
    const list = readers.get(n);
    if (list) list.push(by);
    else readers.set(n, [by]);
  };
  for (const n of topological(f.results)) for (const a of n.args) add(a, n);
  for (const r of f.results) add(r, r);
  return readers;
}
