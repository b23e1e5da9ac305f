/** A value that is there only if a condition holds that the run knows: else a fault of a place. Knows no builtin. */
import type { Span } from "../../ir/node.ts";
import type { Expr, TensorType } from "../core.ts";
import * as build from "./build.ts";

/** `e`, as the one element of a list that is read at 0 where `some` holds and at 1 where it does not; of any element */
export function guard(some: Expr, e: Expr, message: string, span: Span): Expr {
  const type = e.type as TensorType; // as: of a tensor or a cell
  const none = build.op("not", [some], some.type, span);
  const at = build.check(build.cast(none, "i32", span), 0, 1, message, span);
  const one = build.op("reshape", [e], { ...type, shape: [1, ...type.shape] }, span);
  return build.op("gather", [one, at], type, span, { attrs: { axis: 0 } });
}
