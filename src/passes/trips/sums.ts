/**
 * States of a loop that are only added to and read by nobody before its end, and what must be kept of each trip to add it up behind.
 * Knows no op but by its record.
 */
import { type Fn, type Node, topological } from "../../ir/node.ts";
import { elemOf, shapeAt } from "../../ir/ops/attrs.ts";
import * as build from "../../ir/ops/index.ts";
import { argsOf, isContract, isPad, isScatter, isSum, padOf, pointsOf, scatterOf } from "../../ir/ops/match.ts";
import type { Dim } from "../../ir/type.ts";
import type { Room } from "./room.ts";
import type { Kind } from "./trips.ts";

/** what a trip adds. term: the sum is one over all trips; row: a value at the place of the trip's number along an axis */
export type Part =
  | { readonly k: "term"; readonly of: Node }
  | { readonly k: "row"; readonly value: Node; readonly axis: number };
export interface Sums {
  /** what is added to a state, by its number */
  readonly of: ReadonlyMap<number, readonly Part[]>;
  /** values that the trips must keep for them */
  readonly stored: ReadonlySet<Node>;
}
export interface Facts {
  readonly body: Fn;
  /** how many states */
  readonly count: number;
  readonly at: Node;
  readonly trip: number;
  /** a row of what is there before the loop, as it is then */
  readonly isGiven: (n: Node) => boolean;
  readonly kinds: ReadonlyMap<Node, Kind>;
  readonly readers: ReadonlyMap<Node, readonly Node[]>;
  /** values that the trips keep anyway */
  readonly kept: readonly Node[];
  /** for those that they would keep for the sums */
  readonly room: Room;
}
/** products per number kept from which on keeping it is worth it */
const WORTH = 32;
/** records of a batch, to compare sizes */
const MANY = 64;

export function sumsOf(facts: Facts): Sums {
  const { count, kept } = facts;
  const of = new Map<number, readonly Part[]>();
  const stored = new Set<Node>();
  const added = new Map<number, readonly Node[]>();
  for (let i = 0; i < count; i++) {
    const terms = addends(facts, i);
    if (terms) added.set(i, terms);
  }
  const settle = (i: number, parts: readonly Part[]): void => {
    of.set(i, parts);
    added.delete(i);
    for (const p of parts) for (const n of needs(facts, p)) stored.add(n);
  };
  for (const [i, terms] of added) {
    const rows = terms.map(t => rowAdded(facts, t));
    if (rows.every(r => r !== undefined)) settle(i, rows);
  }
  const fresh = (n: Node): boolean => !stored.has(n) && !kept.includes(n);
  for (const dear of [true, false])
    for (const [i, terms] of added) {
      const parts = terms.map((t): Part => ({ k: "term", of: t }));
      if (!terms.every(t => isTerm(facts, t))) continue;
      const more = [...new Set(parts.flatMap(p => needs(facts, p)))].filter(fresh);
      const work = terms.reduce((n, t) => n + pointsOf(base(t), MANY), 0);
      const size = more.reduce((n, x) => n + elements(shapeAt(x)), 0);
      if (dear ? work >= WORTH * size && facts.room.take(more) : !size) settle(i, parts);
    }
  // what the states kept by themselves need not be kept once more
  for (const n of kept) stored.delete(n);
  return { of, stored };
}
const elements = (shape: readonly Dim[]): number =>
  shape.reduce<number>((n, d) => n * (typeof d === "number" ? d : d.n * MANY + d.plus), 1);

/** s' = s + a + b --> a, b: the state is read once, by its own sum, which nobody else reads */
function addends({ body, readers }: Facts, i: number): readonly Node[] | undefined {
  const state = build.parameter(i, body.params[i]!);
  const alone = (n: Node): boolean => readers.get(n)?.length === 1;
  if (!alone(state) || elemOf(state) === "bool" || body.results[i] === state) return undefined;
  const depends = new Set<Node>([state]);
  for (const n of topological([body.results[i]!])) if (n.args.some(a => depends.has(a))) depends.add(n);
  const out: Node[] = [];
  for (let n = body.results[i]!; n !== state; ) {
    const pair = argsOf("add", n);
    if (!pair || !alone(n) || !depends.has(n)) return undefined;
    const [a, b] = pair as readonly [Node, Node];
    if (depends.has(a) === depends.has(b)) return undefined;
    out.push(depends.has(a) ? b : a);
    n = depends.has(a) ? a : b;
  }
  return out.length ? out : undefined;
}
/** zeros but at the place of the trip's number */
function rowAdded({ at, trip }: Facts, n: Node): Part | undefined {
  if (!isScatter(n)) return undefined;
  const { axis, batch, size } = scatterOf(n);
  const [ids, values] = n.args as readonly [Node, Node];
  const isAt = ids.args[0] === at && ids.op.kernel.k === "view" && shapeAt(ids).length === 1;
  if (batch !== 0 || size !== trip || !isAt) return undefined;
  const shape = shapeAt(values).toSpliced(axis, 1);
  const inner = values.op.kernel.k === "view" && values.args[0];
  const same = inner && build.reshape(shapeAt(values), inner) === values && build.reshape(shape, inner) === inner;
  return { k: "row", axis, value: same ? inner : build.reshape(shape, values) };
}

/** views that keep sums: zeros may come in, nothing else */
const isLinear = (n: Node): boolean => n.op.kernel.k === "view" && !(isPad(n) && padOf(n).value !== 0);
/** what a term is a view of */
function base(n: Node): Node {
  let x = n;
  while (isLinear(x)) x = x.args[0]!;
  return x;
}
const isTerm = ({ kinds }: Facts, n: Node): boolean => {
  const x = base(n);
  return kinds.get(x) !== "fixed" && (isContract(x) || isSum(x));
};
/** the values of states that its factors are made of by views */
function needs({ kinds, isGiven }: Facts, p: Part): readonly Node[] {
  const out = new Set<Node>();
  const todo = p.k === "row" ? [p.value] : [...base(p.of).args];
  for (let n = todo.pop(); n; n = todo.pop()) {
    if (kinds.get(n) !== "live" || isGiven(n)) continue;
    if (n.op.kernel.k === "view" && elements(shapeAt(n.args[0]!)) <= elements(shapeAt(n))) todo.push(n.args[0]!);
    else out.add(n);
  }
  return [...out];
}
