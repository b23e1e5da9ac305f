/** Functions that a builtin calls or keeps: applied to values, or evaluated over variables and closed as Core. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import type { Expr, Fn, LeafType, TensorType, Tree, Var } from "../core.ts";
import { leaves, mapTree } from "../core.ts";
import { report } from "../diagnostics/catalogue.ts";
import { just } from "./arguments.ts";
import { closeFn, textConstant, variable } from "./build.ts";
import { fail, Reported } from "./context.ts";
import { listOf } from "./list.ts";
import { toExpr } from "./operate.ts";
import { describe } from "./types.ts";
import {
  cellValue,
  type Frame,
  isTensor,
  type Maybe,
  type RddValue,
  recordOf,
  type Sequence,
  settled,
  type Table,
  tensorValue,
  treeOf,
  type Value,
} from "./value.ts";

/** the values of a function's parameters: one variable per leaf */
export function parameters(
  row: Tree<LeafType>,
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
    const [value, present] = t.fields.map(([, x]) => valueOfTree(x, sources, path));
    return { k: "maybe", value, present } as Maybe; // as: two leaves
  }
  if (t.k === "record")
    return recordOf(t.fields.map(([n, v]) => [n, valueOfTree(v, sources, path ? `${path}.${n}` : n)] as const));
  const { type } = t.of;
  if (type.k === "list") return { k: "sequence", expr: t.of as Sequence["expr"] }; // as: its type is a list
  if (type.k === "tensor" && (type.elem === "string" || type.elem === "time")) return cellValue(t.of);
  const source = sources.get(path);
  return tensorValue(t.of, source === undefined ? {} : { source });
}

/** calls a function with values; `label` tells its place from those of other functions of the same call */
export function apply(f: Frame, fn: Value, args: readonly Value[], span: Span, site: Ast.Expr, label = ""): Value {
  const inner = label ? { ...f, place: f.place ? `${f.place}.${label}` : label } : f;
  return f.cx.call(inner, fn, just(args, span), site, span);
}
/** the tensors of a value, literals typed as they are alone; says what is no tensor */
export const tensorsOf = (f: Frame, v: Value, span: Span, what: string): Tree<Expr> =>
  treeOfExprs(f, v, span, what, false);
/** the same of a row, which has strings, instants and lists, too */
export const cellsOf = (f: Frame, v: Value, span: Span, what: string): Tree<Expr> =>
  treeOfExprs(f, v, span, what, true);
function treeOfExprs(f: Frame, v: Value, span: Span, what: string, cells: boolean): Tree<Expr> {
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
    if (cells) {
      if (leaf.k === "cell" || leaf.k === "sequence") return leaf.expr;
      if (leaf.k === "group") return leaf.sink.list(leaf, span).expr;
      if (leaf.k === "text") return textConstant(leaf.text, span);
      if (leaf.k === "list") return listOf(f, leaf.items, span, x => cellsOf(f, x, span, "an element of a list"));
      if (leaf.k === "none")
        return fail(f, {
          message: `${what} has \`none\`, and nothing says of which type`,
          span,
          help: "if c then x else none",
        });
    }
    return fail(f, {
      message: `${what} is made of ${cells ? "numbers, strings, tensors, lists" : "numbers, tensors"} and records of them, this is ${leaf.k === "rdd" ? "an " : ""}${describe(leaf)}`,
      span,
      ...(leaf.k === "net" ? { help: "what is asked of the net: mean(d, r => (net(r.x) - r.y)^2), or net(x)" } : {}),
    });
  });
}
/** of the rows that a function sees: what messages say about their columns */
export type Rows = Pick<RddValue, "sources" | "table">;
/** a function as Core: its body evaluated over variables, closed over what it captures; `of`: it is one of rows, which may hold text */
export function functionOf(
  f: Frame,
  fn: Value,
  row: Tree<LeafType>,
  span: Span,
  site: Ast.Expr,
  what: string,
  of?: Rows,
): { fn: (body: Tree<Expr>) => Fn; body: Tree<Expr>; result: Value } {
  const depth = f.depth + 1;
  const { value, vars } = parameters(row, depth, span, of?.sources);
  const inner = { ...f, depth };
  const result = apply(inner, fn, [named(value, of?.table)], span, site);
  if (result.k === "poison") throw new Reported();
  const body = of ? cellsOf(inner, result, span, what) : tensorsOf(inner, result, span, what);
  expectPaths(f, body, span);
  return { fn: b => closeFn(vars, b, depth, span), body, result };
}
/** a name with a dot may be the path of another field, by which columns are known */
export function expectPaths(f: Frame, row: Tree<unknown>, span: Span): void {
  const paths = leaves(row).map(([path]) => path);
  const seen = new Set<string>();
  for (const path of paths) {
    if (seen.has(path))
      fail(f, {
        message: `\`${path}\` would be two columns: one of this name, and one within \`${path.replace(/\.[^.]*$/, "")}\``,
        span,
        help: "another name for one of them",
      });
    seen.add(path);
  }
}
/** a row with the file that it is of */
export const named = (row: Value, table: Table | undefined): Value =>
  table && row.k === "record" ? { ...row, table } : row;
export const typeTree = (t: Tree<Expr>): Tree<TensorType> => mapTree(t, e => e.type as TensorType);
export const rowTree = (t: Tree<Expr>): Tree<LeafType> => mapTree(t, e => e.type as LeafType); // as: cells and tensors
