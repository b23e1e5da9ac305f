/** Effects: what is printed and saved, as results of the stage. Knows no format. */
import { addSpans, type Node, type Span } from "../../ir/node.ts";
import * as g from "../../ir/ops/index.ts";
import type { Shape, Effect as StageEffect } from "../../ir/stage.ts";
import type { CoreProgram, Effect, Expr, Net, Output } from "../core.ts";
import { limit } from "./limit.ts";
import { collectRows, countRows, rowOf } from "./rdd.ts";
import type { Scope } from "./scope.ts";
import type { Weights } from "./train.ts";

/** how many rows of an rdd are printed */
const TABLE_ROWS = 10;

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
  scope: Scope,
  netOf: (n: Net) => Weights,
): { readonly results: readonly Node[]; readonly effects: readonly StageEffect[] } {
  const results: Node[] = [];
  const index = (n: Node): number => {
    const i = results.indexOf(n);
    return i >= 0 ? i : results.push(n) - 1;
  };
  const result = (n: Node): Shape => ({ k: "tensor", result: index(n) });
  /** the first rows */
  function table(rdd: Node, span: Span): Shape {
    const head = addSpans(g.rddTake(TABLE_ROWS, rdd), [span]);
    const rows = addSpans(collectRows(head, TABLE_ROWS, span), [span]);
    const columns = Object.keys(rowOf(rdd).row).map((name, i) => [name, index(g.get(i, rows))] as const);
    return { k: "table", columns, count: index(countRows(head, span)) };
  }
  function shape(o: Output, span: Span): Shape {
    switch (o.k) {
      case "tensor": {
        const n = scope.values.get(o.of)!;
        return n.type.k === "rdd" ? table(n, span) : result(n);
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
    if (e.k === "save" && value.k === "table")
      return limit("saving an rdd", "collect(d) to a .npy file, or the net to .safetensors", e.span);
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
