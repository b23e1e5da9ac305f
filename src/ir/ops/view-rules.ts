/** What the records of views share: evaluation, bounds and kernels by an index map; gradients and liftings of linear ops of one argument. */
import { type Form, flatIndices, type IndexMap } from "../map.ts";
import { make, type Node } from "../node.ts";
import type { GradRule, Op } from "../op.ts";
import { atN, type Dim } from "../type.ts";
import { shapeAtN, take, tensorOf } from "../value.ts";
import { elemOf, shapeAt } from "./attrs.ts";
import { movedTo } from "./bounds.ts";

/** what all views share: they evaluate and become kernels by their map, which knows the argument's and the result's shape */
export function viewRules(
  map: (node: Node, input: readonly Dim[], out: readonly Dim[]) => IndexMap,
): Pick<Op, "eval" | "bound" | "kernel"> {
  const mapOf = (node: Node): IndexMap => map(node, shapeAt(node.args[0]!), shapeAt(node));
  const read = (node: Node, n: number, input: readonly number[]) => {
    const [out, m] = [shapeAtN(shapeAt(node), n), mapOf(node)];
    const atCount = { ...m, guards: m.guards.map(g => ({ ...g, below: atN(g.below, n) })) };
    return { out, fill: m.fill, flat: flatIndices(atCount, out, input) };
  };
  return {
    eval: (args, node, cx) => {
      const x = tensorOf(args[0]);
      const { out, fill, flat } = read(node, cx.n, x.shape);
      return take(x, flat, out, fill);
    },
    bound: ([x], node, cx) => {
      const { out, fill, flat } = read(node, cx.n, x!.value.shape);
      return movedTo(elemOf(node), out, flat, x!, fill);
    },
    kernel: { k: "view", map: mapOf },
  };
}
/** a map whose coordinate d is an affine form of the result's coordinates */
export const affine = (forms: readonly Form[]): IndexMap => ({
  in: forms.map(f => ({ ...f, div: 1 })),
  guards: [],
  fill: 0,
});
/** the gradient of a linear op of one argument */
export const linear =
  (rule: (g: Node, node: Node) => Node): GradRule =>
  (node, [g]) =>
    g ? [rule(g, node)] : [];
/** axes behind a new leading dim */
export const after = (axes: readonly number[]): readonly number[] => [0, ...axes.map(a => a + 1)];
/** the same op on another argument, with some attributes changed */
export const again = (node: Node, x: Node | undefined, attrs: Node["attrs"]): Node =>
  make(node.op, [x!], { ...node.attrs, ...attrs });
