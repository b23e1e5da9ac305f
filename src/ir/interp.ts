/** The meaning of GRAPH: evaluates a closed function on values, each op by its record. Knows no op, and no file or engine. */
import { type Fn, topological } from "./node.ts";
import type { EvalContext, Value } from "./op.ts";

/** the least failing record of a site; what a player raises after a step */
export interface Fault {
  readonly site: number;
  readonly record: number;
}
export interface Options {
  /** called for each fault in the order of evaluation; absent: faults only clamp */
  readonly fault?: (fault: Fault) => void;
  /** differentiation is a pass: who evaluates a function with `grad` in it lends it */
  readonly gradient?: EvalContext["gradient"];
}

/** the results of `f` for these arguments and n records */
export function evaluate(f: Fn, args: readonly Value[], n: number, options: Options = {}): readonly Value[] {
  const call = (g: Fn, given: readonly Value[], records: number): readonly Value[] => {
    const cx: EvalContext = {
      n: records,
      call,
      fault: (site, record) => options.fault?.({ site, record }),
      ...(options.gradient ? { gradient: options.gradient } : {}),
    };
    const order = topological(g.results);
    const left = new Map<object, number>();
    for (const node of order) for (const a of node.args) left.set(a, (left.get(a) ?? 0) + 1);
    for (const r of g.results) left.set(r, Number.POSITIVE_INFINITY);
    const values = new Map<object, Value>();
    for (const node of order) {
      const inputs = node.args.map(a => values.get(a)!);
      values.set(node, node.op.control === "param" ? argument(given, node.attrs["i"]) : node.op.eval(inputs, node, cx));
      // a value is dropped after its last reader: whole training steps fit in memory
      for (const a of node.args) {
        const count = left.get(a)! - 1;
        left.set(a, count);
        if (count === 0) values.delete(a);
      }
    }
    return g.results.map(r => values.get(r)!);
  };
  return call(f, args, n);
}
const argument = (given: readonly Value[], i: unknown): Value => {
  const v = typeof i === "number" ? given[i] : undefined;
  if (!v) throw new Error(`internal: no value for parameter ${i}`);
  return v;
};
