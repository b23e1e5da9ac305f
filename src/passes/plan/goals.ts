/**
 * Effects next to each other whose values are made of one another's, as one goal: what they share is swept once. Knows no kernel.
 *
 *   save y = e / s;  save g = f(e, s)   -->   y and g, then both saves
 *
 * No effect waits for loops or rows that only a later one needs, and none fails by a later one's faults.
 */
import { type Node, topological } from "../../ir/node.ts";
import type { Goal } from "./body.ts";

export function united(goals: readonly Goal[]): readonly Goal[] {
  const out: Goal[] = [];
  const done = new Set<Node>();
  /** what the last of them computes */
  let own: readonly Node[] = [];
  for (const goal of goals) {
    const fresh = topological(goal.results).filter(n => !done.has(n));
    for (const n of fresh) done.add(n);
    const last = out.at(-1);
    if (last && fresh.every(isPlain) && fresh.some(n => n.args.some(a => own.includes(a)))) {
      out[out.length - 1] = both(last, goal);
      own = [...own, ...fresh.filter(isComputed)];
    } else {
      out.push(goal);
      own = fresh.filter(isComputed);
    }
  }
  return out;
}
const both = (a: Goal, b: Goal): Goal => ({
  results: [...a.results, ...b.results],
  then: stored => [a, b].flatMap(g => g.then?.(stored) ?? []),
});
/** a parameter, or a tensor that kernels compute and cannot fail to */
const isPlain = ({ type, op, attrs }: Node): boolean =>
  type.k === "tensor" && (op.control === undefined || op.control === "param") && attrs["site"] === undefined;
const isComputed = ({ op, args }: Node): boolean =>
  args.length > 0 && (op.kernel.k === "point" || op.kernel.k === "phases");
