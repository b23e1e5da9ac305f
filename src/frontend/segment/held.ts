/**
 * Numbers of a query that data decide: a query of Core holds the dim where REL has a number, and lower puts the number in its place, in the stage
 * for which it is known. Knows no node.
 */
import type { Rel } from "../../ir/rel.ts";
import { type Dim, productOf } from "../check/dims.ts";

interface Held {
  readonly held: Dim;
}
const isHeld = (x: unknown): x is Held => typeof x === "object" && x !== null && "held" in x;
/** a dim where REL has a number */
export const held = (d: Dim): number => (typeof d === "number" ? d : ({ held: d } satisfies Held as unknown as number)); // as: until lower nobody counts with it
export const productOfHeld = (ns: readonly number[]): number =>
  held(productOf(ns.map((n): Dim => (isHeld(n) ? n.held : n))));

/** the tree with numbers in the place of dims */
export function released<T>(tree: T, number: (d: Dim) => number): T {
  const walk = (x: unknown): unknown => {
    if (typeof x !== "object" || x === null) return x;
    if (isHeld(x)) return number(x.held);
    if (Array.isArray(x)) {
      const made = x.map(walk);
      return made.every((y, i) => y === x[i]) ? x : made;
    }
    const entries = Object.entries(x).map(([k, v]) => [k, walk(v)] as const);
    return entries.every(([k, v]) => v === (x as Record<string, unknown>)[k]) ? x : Object.fromEntries(entries); // as: its own keys
  };
  return walk(tree) as T; // as: numbers stay numbers
}
const known = new WeakMap<object, readonly Dim[]>();
/** the dims in a query */
export function dimsHeld(query: Rel): readonly Dim[] {
  let dims = known.get(query);
  if (!dims) {
    const found: Dim[] = [];
    released(query, d => found.push(d));
    known.set(query, (dims = found));
  }
  return dims;
}
