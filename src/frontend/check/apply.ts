/** Functions that a builtin calls or keeps: applied to values, or evaluated over variables and closed as Core. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import type { Expr, Fn, TensorType, Tree, Var } from "../core.ts";
import { mapTree } from "../core.ts";
import { report } from "../diagnostics/catalogue.ts";
import { just } from "./arguments.ts";
import { closeFn, variable } from "./build.ts";
import { fail, limit, Reported } from "./context.ts";
import { toExpr } from "./operate.ts";
import { describe } from "./types.ts";
import {
  type Frame,
  isTensor,
  type RddValue,
  recordOf,
  settled,
  type TensorValue,
  tensorValue,
  treeOf,
  type Value,
} from "./value.ts";

/** the values of a function's parameters: one variable per leaf */
export function parameters(
  row: Tree<TensorType>,
  depth: number,
  span: Span,
  sources?: ReadonlyMap<string, string>,
): { value: Value; vars: readonly Var[] } {
  const vars: Var[] = [];
  const tree = mapTree(row, (t, path) => {
    const v = variable(path, t, depth, span);
    vars.push(v);
    return v;
  });
  return { value: valueOfTree(tree, sources), vars };
}
export function valueOfTree(t: Tree<Expr>, sources: ReadonlyMap<string, string> = new Map(), path = ""): Value {
  if (t.k === "record" && t.maybe) {
    const [value, present] = t.fields.map(([, x]) => valueOfTree(x, sources, path) as TensorValue); // as: two leaves
    return { k: "maybe", value: value!, present: present! };
  }
  if (t.k === "record")
    return recordOf(t.fields.map(([n, v]) => [n, valueOfTree(v, sources, path ? `${path}.${n}` : n)] as const));
  const source = sources.get(path);
  return tensorValue(t.of, source === undefined ? {} : { source });
}

/** calls a function with values; `label` tells its place from those of other functions of the same call */
export function apply(f: Frame, fn: Value, args: readonly Value[], span: Span, site: Ast.Expr, label = ""): Value {
  const inner = label ? { ...f, place: f.place ? `${f.place}.${label}` : label } : f;
  return f.cx.call(inner, fn, just(args, span), site, span);
}
/** the tensors of a value, literals typed as they are alone; says what is no tensor */
export function tensorsOf(f: Frame, v: Value, span: Span, what: string): Tree<Expr> {
  return mapTree(treeOf(v), leaf => {
    if (isTensor(leaf)) return toExpr(leaf, settled(leaf.k === "constant" ? leaf.elem : leaf.expr.type.elem), span);
    if (leaf.k === "poison") throw new Reported();
    if (leaf.k === "rdd" && f.over !== undefined) {
      const inner = f.cx.text(span).replace(/^.*?=>\s*/s, "");
      return fail(
        f,
        report.rddInLambda({ inner, outer: f.over, span, help: `a small one: let table = collect(${inner})` }),
      );
    }
    if (leaf.k === "cell") return limit(f, `a ${leaf.type} in ${what}`, TEXT, span);
    if (leaf.k === "text" || leaf.k === "list")
      return limit(f, `${describe(leaf)} in ${what}`, "give numbers and tensors", span);
    return fail(f, {
      message: `${what} is made of numbers, tensors and records of them, this is ${leaf.k === "rdd" ? "an " : ""}${describe(leaf)}`,
      span,
    });
  });
}
const TEXT = "leave it out: { r.x, r.y } names the fields that are kept";
/** a function of rows as Core: its body evaluated over variables, closed over what it captures */
export function functionOf(
  f: Frame,
  fn: Value,
  row: Tree<TensorType>,
  span: Span,
  site: Ast.Expr,
  what: string,
  sources?: ReadonlyMap<string, string>,
  of?: Pick<RddValue, "cells" | "table">,
): { fn: (body: Tree<Expr>) => Fn; body: Tree<Expr>; result: Value; cells: ReadonlyMap<string, string> } {
  const depth = f.depth + 1;
  const { value, vars } = parameters(row, depth, span, sources);
  const result = apply({ ...f, depth }, fn, [asRow(value, of)], span, site);
  if (result.k === "poison") throw new Reported();
  const kept = cellsOf(result);
  const body = tensorsOf(f, kept.size ? withoutCells(result) : result, span, what);
  return { fn: b => closeFn(vars, b, depth, span), body, result, cells: kept };
}
/** with the text that no kernel sees, and the file that it is of */
function asRow(row: Value, of: Pick<RddValue, "cells" | "table"> | undefined): Value {
  if (!of || row.k !== "record") return row;
  const cells = [...(of.cells ?? [])].map(([n, type]) => [n, { k: "cell", type }] as const);
  return { k: "record", fields: new Map([...row.fields, ...cells]), table: of.table };
}
/** text that a row still has: no kernel sees it */
const cellsOf = (v: Value): ReadonlyMap<string, string> =>
  new Map(v.k === "record" ? [...v.fields].flatMap(([n, x]) => (x.k === "cell" ? [[n, x.type] as const] : [])) : []);
const withoutCells = (v: Value): Value =>
  v.k === "record" ? recordOf([...v.fields].filter(([, x]) => x.k !== "cell")) : v;
export const typeTree = (t: Tree<Expr>): Tree<TensorType> => mapTree(t, e => e.type as TensorType);
