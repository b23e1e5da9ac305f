/** Arguments that must be known when compiling: a number, a text, lists and records of them. Knows no builtin. */
import type { Span } from "../../ir/node.ts";
import type { Static } from "../core.ts";
import type { Constant } from "./builtin.ts";
import { fail, fix, Reported } from "./context.ts";
import { describe } from "./types.ts";
import { type Frame, knownOf, type Value } from "./value.ts";

/** an argument that must be known when compiling; params that it hangs on become fixed */
export function staticOf(f: Frame, v: Value, span: Span, what: string): Static {
  switch (v.k) {
    case "constant":
    case "tensor": {
      const k = knownOf(v);
      if (!k)
        return fail(f, { message: `${what} must be known when compiling, this is computed by the program`, span });
      fix(f, k.params);
      return nested(k.constant, k.constant.shape, 0, k.constant.data.length);
    }
    case "text":
      return v.text;
    case "none":
      return null;
    case "list":
      return v.items.map(i => staticOf(f, i, span, what));
    case "record":
      return { k: "record", fields: [...v.fields].map(([n, x]) => [n, staticOf(f, x, span, what)] as const) };
    case "poison":
      throw new Reported();
    case "rdd":
    case "closure":
    case "builtin":
    case "native":
    case "net":
    case "trainee":
    case "module":
    case "strategy":
    case "choice":
    case "oneOf":
    case "spelled":
    case "maybe":
    case "cell":
    case "sequence":
    case "group":
      return fail(f, {
        message: `${what} must be known when compiling, this is ${v.k === "rdd" ? "an " : ""}${describe(v)}`,
        span,
      });
    default:
      return v satisfies never;
  }
}
function nested(c: Constant, shape: readonly number[], from: number, to: number): Static {
  if (shape.length === 0) return c.elem === "bool" ? c.data[from] === 1 : c.data[from]!;
  const [n, ...rest] = shape;
  const step = n === 0 ? 0 : (to - from) / n!;
  return Array.from({ length: n! }, (_, i) => nested(c, rest, from + i * step, from + (i + 1) * step));
}
