/** In which order what a block computes is planned. Knows no phase. */
import type { Kernel } from "../../ir/kernel.ts";
import type { Node } from "../../ir/node.ts";

/** a kernel, or a node that has none */
export type Unit = Node | Kernel;
export const isKernel = (u: Unit): u is Kernel => "phases" in u;

/** what these results need and `done` does not have, each after what it reads; adds it there */
export function inOrder(
  results: readonly Node[],
  kernelOf: ReadonlyMap<Node, Kernel>,
  done: Set<Unit>,
): readonly Unit[] {
  const unit = (n: Node): Unit => kernelOf.get(n) ?? n;
  const out: Unit[] = [];
  // views between the nodes of one kernel lead back to it
  const entered = new Set<Unit>();
  const stack = results.toReversed().map(n => ({ of: unit(n), leaving: false }));
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { of, leaving } = top;
    if (leaving) {
      done.add(of);
      out.push(of);
    }
    if (entered.has(of) || done.has(of)) continue;
    entered.add(of);
    stack.push({ of, leaving: true });
    const args = isKernel(of) ? of.covers.flatMap(c => c.args) : of.args;
    for (const a of args.toReversed()) stack.push({ of: unit(a), leaving: false });
  }
  return out;
}
