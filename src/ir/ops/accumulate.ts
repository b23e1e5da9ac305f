/** What the passes themselves add to a graph: sums of cotangents, zeros, a shared value spread over records. Knows no meaning. */
import type { Node } from "../node.ts";
import type { Dim, TensorType, Type } from "../type.ts";
import { shapeAt } from "./attrs.ts";
import { broadcast, full, lane } from "./build.ts";

export const plus = (a: Node, b: Node): Node => lane("add", a, b);

/** a tensor of one value, of the type of another */
export function constant(value: number, type: Type): Node {
  if (type.k !== "tensor") throw new Error(`internal: a constant ${type.k}`);
  return full(value, (type satisfies TensorType).elem, type.shape);
}

/** the same value for each of n records */
export function spread(n: Dim, x: Node): Node {
  const shape = shapeAt(x);
  return broadcast(
    [n, ...shape],
    shape.map((_, d) => d + 1),
    x,
  );
}
