/** Hands the places in the source text on from a node to the nodes that a pass makes of it. Knows no op. */
import { addSpans, type Node, type Span } from "../ir/node.ts";

/**
 * The nodes below `made` that are not in `known` were made for the place `spans`: they get it, and are known from now on.
 * Leaves have no place: one `full` serves half the program.
 */
export function hand(spans: readonly Span[], made: readonly Node[], known: Set<Node>): void {
  const stack = [...made];
  while (stack.length) {
    const n = stack.pop()!;
    if (known.has(n) || n.args.length === 0) continue;
    known.add(n);
    addSpans(n, spans);
    stack.push(...n.args);
  }
}
