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
import { below, fromFront, isTaken, put, Stacks, take } from "./stacks.ts";
import { sumsOf } from "./sums.ts";
import { counted, type Kept, keptBy, kindsOf, type Loop, loopOf, rowOf } from "./trips.ts";

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

export function deferFn(f: Fn, memo = new Map<Fn, Fn>()): Fn {
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
    const again = rebuild(
      n,
      n.args.map(a => now.get(a)!),
      mapFns(n.attrs, g => deferFn(g, memo)),
    );
    const loop = loopOf(again);
    const found = loop && reformed(again, loop);
    if (found) parts.set(n, found);
    now.set(n, again);
  }
  const results = f.results.map(r => now.get(r)!);
  const g = results.every((r, i) => r === f.results[i]) ? f : fn(f.params, results);
  memo.set(f, g);
  memo.set(g, g);
  return g;
}

/** terms of a sum from which on a product of all trips outside is worth the room for its result */
const DEAR = 32;

/** the states after the last trip, where something moved out of the loop */
function reformed(node: Node, given: Loop): readonly Node[] | undefined {
  const { loop, at } = counted(given);
  const { body, starts, captures, trip } = loop;
  const count = starts.length;
  const kinds = kindsOf(body, count, at);
  const old = (i: number): Node => build.parameter(i, body.params[i]!);
  const readers = readersOf(body);

  const kept = new Map<number, Kept>();
  const restarted = new Set<number>();
  starts.forEach((_, i) => {
    const k = keptBy(body.results[i]!, old(i), at, trip);
    const others = (readers.get(old(i)) ?? []).filter(r => r !== body.results[i]);
    if (!k || !others.every(r => rowOf(r, at, trip)?.axis === k.axis)) return;
    kept.set(i, k);
    // each row is read in the trip that overwrites it: it is still that of the start
    if (others.length) restarted.add(i);
  });
  const sums = sumsOf({ body, count, at, trip, kinds, readers, kept: [...kept.values()].flatMap(k => k.value ?? []) });
  const early = topological(body.results).filter(
    n => isContract(n) && (kinds.get(n) === "fixed" || (kinds.get(n) === "timed" && termsOf(n) >= DEAR)),
  );
  const copied = [...kept].filter(([, k]) => k.value && isTaken(k.value, at, trip));
  const known = node.attrs["overwritten"] as readonly boolean[] | undefined; // this and what follows: by the type rule
  // nobody sees a row before the trip that writes it
  const whole = [...kept.keys()].filter(i => readers.get(body.results[i]!)?.length === 1);
  const overwritten = whole.some(i => !known?.[i]);
  if (!restarted.size && !sums.of.size && !early.length && !copied.length && !overwritten) return undefined;

  // ---- the loop that is left
  const stays = starts.map((_, i) => i).filter(i => !sums.of.has(i));
  const held = [...kept].flatMap(([, k]) => k.value ?? []);
  const fresh = [...sums.stored].filter(n => !held.includes(n));
  const room = fresh.map(n => build.full(0, build.elemOf(n), [trip, ...shapeAt(n)]));
  const outside = [...restarted].map(i => starts[i]!);
  const stacks = new Stacks(loop, at, restarted);
  const ready = early.map(n => stacks.before(n, kinds.get(n) === "timed"));
  const states = [...stays.map(i => starts[i]!), ...room];
  const all = [...states, ...captures, ...outside, ...ready];
  const inputs = all.map((a, i) => build.parameter(i, plainType(a)));
  const now = new Map([
    ...stays.map((i, k) => [old(i), inputs[k]!] as const),
    ...captures.map((_, i) => [old(count + i), inputs[states.length + i]!] as const),
  ]);
  const first = states.length + captures.length;
  const startOf = new Map(
    [...restarted].map((i, k) => [old(i), constantOf(starts[i]!) === undefined ? inputs[first + k]! : starts[i]!]),
  );
  early.forEach((n, k) => {
    const x = inputs[first + outside.length + k]!;
    now.set(n, kinds.get(n) === "fixed" ? x : take(x, now.get(at)!));
  });
  const wanted = [...stays.map(i => body.results[i]!), ...body.results.slice(count), ...fresh];
  for (const n of below(wanted, now)) {
    const args = n.args.map(a => now.get(a)!);
    const start = rowOf(n, at, trip) ? startOf.get(n.args[0]!) : undefined;
    const value = start && constantOf(start);
    const same = value === undefined ? undefined : build.full(value, build.elemOf(n), shapeAt(n));
    now.set(n, same ?? rebuild(n, start ? [start, ...args.slice(1)] : args));
  }
  const next = stays.map(i => now.get(body.results[i]!)!);
  const rows = fresh.map((n, k) => put(inputs[stays.length + k]!, now.get(at)!, now.get(n)!));
  const logs = body.results.slice(count).map(r => now.get(r)!);
  const small = fn(
    inputs.map(p => p.type),
    [...next, ...rows, ...logs],
  );
  const names = states.map((_, i) => `${i}`);
  const attrs: build.LoopAttrs = {
    ...(node.attrs as unknown as build.LoopAttrs),
    body: small,
    states: states.length,
    names,
    overwritten: [...stays.map(i => whole.includes(i)), ...fresh.map(() => true)],
  };
  const left = addSpans(build.loop(attrs, states, all.slice(states.length)), spansOf(node));

  // ---- what is made when it has ended
  stays.forEach((i, k) => {
    const of = kept.get(i);
    if (of?.value) stacks.holds(of.value, build.get(k, left), of.axis);
  });
  fresh.forEach((n, k) => {
    stacks.holds(n, build.get(stays.length + k, left), 0);
  });
  return given.starts.map((start, i) => {
    const sum = sums.of.get(i);
    if (sum) return sum.reduce((x, part) => plus(x, addSpans(stacks.total(part), spansOf(node))), start);
    const k = kept.get(i);
    if (k?.fill !== undefined) return build.full(k.fill, build.elemOf(start), shapeAt(start));
    if (k?.value && isTaken(k.value, at, trip)) return fromFront(stacks.all(k.value), k.axis);
    return build.get(stays.indexOf(i), left);
  });
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
