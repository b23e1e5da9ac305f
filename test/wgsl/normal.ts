/** Are all f32 of a program normal numbers or 0? WGSL may flush the others below, and assume that there are none above. */
import { paramOf } from "../../src/ir/inline.ts";
import { type Fn, type Node, topological } from "../../src/ir/node.ts";
import type { EvalContext, Value } from "../../src/ir/op.ts";

const isNormal = (v: number): boolean => v === 0 || (Math.abs(v) >= 2 ** -126 && Math.abs(v) <= 3.4028234663852886e38);

/** f is expanded: its values are those that the kernels compute */
export function allNormal(f: Fn, args: readonly Value[]): boolean {
  let normal = true;
  const look = (node: Node, v: Value): void => {
    if (node.type.k !== "tensor" || node.type.elem !== "f32" || v.k !== "tensor") return;
    normal &&= !(v.data instanceof BigInt64Array) && v.data.every(isNormal);
  };
  const call: EvalContext["call"] = (g, given, n) => {
    const values = new Map<Node, Value>();
    for (const node of topological(g.results)) {
      const inputs = node.args.map(a => values.get(a)!);
      const v =
        node.op.control === "param" ? given[paramOf(node)]! : node.op.eval(inputs, node, { n, call, fault: () => {} });
      look(node, v);
      values.set(node, v);
    }
    return g.results.map(r => values.get(r)!);
  };
  call(f, args, 0);
  return normal;
}
