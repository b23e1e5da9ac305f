/**
 * Gradients through quotients: where nothing flows nothing comes back, a share of a sum is one quotient and not two, and where the divided
 * is its own slope, as that of an exponential is, the quotient that is there already takes its place. Knows no layer.
 *
 *   y = a / sum(a)           -->   a: (g - sum(g * y)) / sum(a)
 *   a = exp2(x), (w / b) * a   -->   w * (a / b)
 */
import type { Node } from "../node.ts";
import { sameShape } from "../type.ts";
import { shapeAt } from "./attrs.ts";
import { broadcast, fullLike, lane, reduce, select } from "./build.ts";
import { argsOf, axesOf, constantOf, isBroadcast, isSelect, isSum } from "./match.ts";

const times = (a: Node, b: Node): Node => lane("mul", a, b);
const isZero = (g: Node): Node => lane("eq", g, fullLike(0, g));
/** of a cotangent: nothing comes back from a branch that divided by zero and was not chosen */
export const safely = (g: Node, value: Node): Node => select(isZero(g), fullLike(0, g), value);

/** cotangents of a and b from that of y = a / b */
export function quotientGrad(g: Node, [a, b]: readonly Node[], y: Node): readonly (Node | undefined)[] {
  const sum = ownSum(a!, b!);
  if (!sum) {
    const q = safely(g, lane("div", g, b!));
    return [q, safely(g, lane("neg", times(q, y)))];
  }
  const mean = reduce("add", axesOf(sum), safely(g, times(g, y)));
  const less = lane("sub", g, broadcast(shapeAt(a!), axesOf(b!), mean));
  return [safely(less, lane("div", less, b!)), undefined];
}
/** the sum of a that b is in each of its places */
function ownSum(a: Node, b: Node): Node | undefined {
  const sum = isBroadcast(b) ? b.args[0]! : undefined;
  if (!sum || !isSum(sum) || sum.args[0] !== a || !sameShape(shapeAt(a), shapeAt(b))) return undefined;
  const kept = shapeAt(a).flatMap((_, d) => (axesOf(sum).includes(d) ? [] : [d]));
  return kept.join() === axesOf(b).join() ? sum : undefined;
}

/** g * y of a function that is its own slope */
export function byItself(g: Node, y: Node): Node {
  const [condition, none, quotient] = isSelect(g) ? g.args : [];
  const [w, b] = (quotient && argsOf("div", quotient)) ?? [];
  if (!w || !b || condition !== isZero(w) || constantOf(none!) !== 0) return times(g, y);
  return safely(w, times(w, lane("div", y, b)));
}
