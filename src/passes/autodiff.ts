/** Reverse mode of a closed function. Knows no op: each record has the rule of its own nodes. Explicit stacks only. */
import { paramOf } from "../ir/inline.ts";
import { type Fn, fn, type Node, type Span, spansOf, topological } from "../ir/node.ts";
import { NoGradient } from "../ir/op.ts";
import { constant } from "../ir/ops/accumulate.ts";
import { isFloat, type Type } from "../ir/type.ts";
import { Slopes } from "./slope.ts";
import { hand } from "./spans.ts";

/** a gradient would have to flow through an op that has none; compile makes a diagnostic of it */
export class NotDifferentiable extends Error {
  readonly op: string;
  /** what the op's rule says it is, where it says so */
  readonly what: string | undefined;
  readonly spans: readonly Span[];
  constructor(node: Node, what?: string) {
    super(`no gradient flows through ${what ?? node.op.name}`);
    this.op = node.op.name;
    this.what = what;
    this.spans = spansOf(node);
  }
}

/**
 * f: (x, w) -> (loss, y), wrt [1]  -->  (x, w) -> (loss, y, d loss / d w)
 * The gradient of a parameter that the loss does not depend on is zero. No map, grad or call may be left in f.
 */
export function gradient(f: Fn, wrt: readonly number[]): Fn {
  const loss = f.results[0]!;
  const order = topological([loss]);
  const active = influenced(order, new Set(wrt));
  const known = new Set(order);
  const slopes = new Slopes(order);
  const cotangents = new Map<Node, (Node | undefined)[]>();
  const flow = (to: Node, part: number, more: Node): void => {
    const parts = cotangents.get(to) ?? [];
    const old = parts[part];
    const sum = old ? slopes.sum(old, more) : more;
    // a parameter has no place of its own: the sum belongs to those of its uses
    const own = spansOf(to);
    hand(own.length || !old ? own : [...spansOf(old), ...spansOf(more)], [sum], known);
    parts[part] = sum;
    cotangents.set(to, parts);
  };
  flow(loss, 0, constant(1, loss.type));
  for (const x of [...order].reverse()) {
    const parts = cotangents.get(x);
    if (!parts || !active.has(x) || x.op.control === "param") continue;
    if (x.op.control === "get") {
      flow(x.args[0]!, paramOf(x), parts[0]!);
      continue;
    }
    const all = Array.from({ length: x.type.k === "tuple" ? x.type.of.length : 1 }, (_, i) => parts[i]);
    for (const g of all) if (g) slopes.flows(g);
    const back = apply(x, all);
    x.args.forEach((a, i) => {
      const more = back[i];
      if (!more || !active.has(a)) return;
      hand(spansOf(x), [more], known);
      flow(a, 0, more);
    });
  }
  // a parameter node is interned: the one of the body is the one with this type
  const inputs = new Map(order.filter(x => x.op.control === "param").map(x => [paramOf(x), x]));
  const gradients = wrt.map(i => {
    const node = inputs.get(i);
    return (node && cotangents.get(node)?.[0]) ?? constant(0, f.params[i]!);
  });
  return fn(f.params, [...f.results, ...gradients]);
}

function apply(x: Node, cotangents: readonly (Node | undefined)[]): readonly (Node | undefined)[] {
  if (typeof x.op.grad === "string") throw new NotDifferentiable(x);
  try {
    return x.op.grad(x, cotangents);
  } catch (e) {
    throw e instanceof NoGradient ? new NotDifferentiable(x, e.message) : e;
  }
}

/** nodes through which a change of the parameters `wrt` can reach a float: an op whose gradient is zero ends the influence */
function influenced(order: readonly Node[], wrt: ReadonlySet<number>): ReadonlySet<Node> {
  const active = new Set<Node>();
  for (const x of order) {
    if (x.op.grad === "zero" && x.op.control !== "param") continue;
    const depends = x.op.control === "param" ? wrt.has(paramOf(x)) : x.args.some(a => active.has(a));
    if (depends && carries(x.type)) active.add(x);
  }
  return active;
}
const carries = (t: Type): boolean => (t.k === "tensor" ? isFloat(t.elem) : t.k === "tuple" && t.of.some(carries));
