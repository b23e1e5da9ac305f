/** Putting a closed function's body in place of its application. Knows no op but by its record's `control`. */
import { type Attrs, addSpans, type Fn, make, type Node, spansOf, topological } from "./node.ts";

/** the node over other arguments or attributes, with its spans; the node itself where nothing differs. A leaf stays what it is */
export function rebuild(node: Node, args: readonly Node[], attrs: Attrs = node.attrs): Node {
  if (attrs === node.attrs && args.every((a, i) => a === node.args[i])) return node;
  return addSpans(make(node.op, args, attrs), spansOf(node));
}

/** `f(args)` as nodes: parameter i of the body becomes args[i] */
export function inline(f: Fn, args: readonly Node[]): readonly Node[] {
  const now = new Map<Node, Node>();
  for (const n of topological(f.results))
    now.set(
      n,
      n.op.control === "param"
        ? args[paramOf(n)]!
        : rebuild(
            n,
            n.args.map(a => now.get(a)!),
          ),
    );
  return f.results.map(r => now.get(r)!);
}

/** which parameter a node with control "param", or which element one with control "get", stands for */
export const paramOf = (n: Node): number => n.attrs["i"] as number; // `i` is an i32 by the type rule of both records
