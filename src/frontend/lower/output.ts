/** Effects: what is printed and saved, as results of the stage. Knows no format. */
import type { Node, Span } from "../../ir/node.ts";
import type { Shape, Effect as StageEffect } from "../../ir/stage.ts";
import type { CoreProgram, Effect, Expr, Net, Output } from "../core.ts";
import { limit } from "./limit.ts";
import type { Weights } from "./train.ts";

/** the expressions that an output shows */
export const shown = (o: Output): readonly Expr[] => {
  switch (o.k) {
    case "tensor":
      return [o.of];
    case "text":
    case "net":
      return [];
    case "record":
      return o.fields.flatMap(([, v]) => shown(v));
    case "list":
      return o.of.flatMap(shown);
    default:
      return o satisfies never;
  }
};

/** the results of `main` and the effects over them */
export function outputs(
  program: CoreProgram,
  nodeOf: (e: Expr) => Node,
  netOf: (n: Net) => Weights,
): { readonly results: readonly Node[]; readonly effects: readonly StageEffect[] } {
  const results: Node[] = [];
  const result = (n: Node): Shape => {
    const i = results.indexOf(n);
    return { k: "tensor", result: i >= 0 ? i : results.push(n) - 1 };
  };
  function shape(o: Output, span: Span): Shape {
    switch (o.k) {
      case "tensor": {
        const n = nodeOf(o.of);
        if (n.type.k !== "tensor")
          return limit("printing and saving an rdd", "take(d, 10) |> collect, or an action such as mean(d, ..)", span);
        return result(n);
      }
      case "text":
        return { k: "text", text: o.text };
      case "record":
        return { k: "record", fields: o.fields.map(([n, v]) => [n, shape(v, span)] as const) };
      case "list":
        return { k: "list", of: o.of.map(v => shape(v, span)) };
      case "net":
        return { k: "record", fields: [...netOf(o.net)].map(([path, w]) => [path, result(w)] as const) };
      default:
        return o satisfies never;
    }
  }
  const effect = (e: Effect): StageEffect => {
    const value = shape(e.value, e.span);
    switch (e.k) {
      case "print":
        return { k: "print", ...(e.label === undefined ? {} : { label: e.label }), value, span: e.span };
      case "save":
        return { k: "save", path: e.path, format: e.format, value, span: e.span };
      default:
        return e satisfies never;
    }
  };
  const effects = program.effects.map(effect);
  return { results, effects };
}
