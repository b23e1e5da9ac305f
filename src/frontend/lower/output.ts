/** Effects: what is printed and saved, as results of the stage. Knows no format. */

import { addSpans, type Node, type Span } from "../../ir/node.ts";
import * as g from "../../ir/ops/index.ts";
import type { Listed, Meaning, Shape, Effect as StageEffect } from "../../ir/stage.ts";
import { sameType } from "../../ir/type.ts";
import type { Dim } from "../check/dims.ts";
import {
  type CoreProgram,
  type Effect,
  type LeafType,
  type Net,
  type Output,
  type TensorType,
  type Tree,
  tensorLeaf,
} from "../core.ts";
import { collectRows, countRows, passRows, rowOf } from "./rdd.ts";
import { extent, mark, type Scope, tensorOf } from "./scope.ts";

type Columns = Extract<Shape, { k: "table" }>["columns"];
/** how many rows of an rdd are printed */
export const TABLE_ROWS = 10;

/** the numbers in a record by their paths; undefined where it holds anything else */
function leavesOf(o: Output, scope: Scope, path = ""): readonly (readonly [string, Node])[] | undefined {
  if (o.k === "tensor") {
    const n = scope.values.get(o.of)!;
    // texts, instants and what may be missing are no trials of a sweep
    if (o.present || (o.of.type.k === "tensor" && isCell(o.of.type))) return undefined;
    return n.type.k === "tensor" && n.type.shape.length === 0 ? [[path, n]] : undefined;
  }
  if (o.k !== "record") return undefined;
  const parts = o.fields.map(([n, v]) => leavesOf(v, scope, path ? `${path}.${n}` : n));
  return parts.every(p => p !== undefined) ? parts.flat() : undefined;
}
const isCell = ({ elem }: TensorType): boolean => elem === "string" || elem === "time";
type Number = (d: Dim) => number;
const meaning = ({ elem, list }: TensorType, number: Number): Meaning =>
  list
    ? { as: "list", of: listed(list.of, number) }
    : elem === "string" || elem === "time" || elem === "u8"
      ? { as: elem }
      : {};
/** what a list holds, leaf by leaf in the order of its texts */
function listed(t: Tree<LeafType>, number: Number): Listed {
  if (t.k === "record")
    return t.maybe
      ? { k: "maybe", of: listed(t.fields[0]![1], number) }
      : { k: "record", fields: t.fields.map(([n, x]) => [n, listed(x, number)] as const) };
  const of = t.of;
  if (of.k === "list") return { k: "list", of: listed(of.of, number) };
  if (!of.shape.length) return { k: "scalar", elem: of.elem };
  const elem = of.elem === "string" || of.elem === "time" ? "i32" : of.elem; // no tensor holds those
  return { k: "tensor", elem, shape: of.shape.map(number) };
}
/** the columns of a table as a person sees them: a value that may be missing is one; `result` of each by its path */
function columnsOf(row: Tree<LeafType>, result: (path: string) => number, number: Number, path = ""): Columns {
  if (row.k === "leaf") return [{ name: path, result: result(path), ...meaning(tensorLeaf(row.of), number) }];
  const at = (name: string): string => (path ? `${path}.${name}` : name);
  if (!row.maybe) return row.fields.flatMap(([name, x]) => columnsOf(x, result, number, at(name)));
  const [value, present] = row.fields.map(([name, x]) => ({ path: at(name), of: x }));
  return columnsOf(value!.of, result, number, value!.path).map(c => ({
    ...c,
    name: path,
    present: result(present!.path),
  }));
}
/** the weights of a net, or of one of several models that were trained as one */
function partOf(
  { net, part }: Extract<Output, { k: "net" }>,
  netOf: (n: Net) => ReadonlyMap<string, Node>,
): readonly (readonly [path: string, Node])[] {
  const all = [...netOf(net)];
  if (part === undefined) return all;
  return all.flatMap(([path, w]) => (path.startsWith(`${part}.`) ? [[path.slice(part.length + 1), w] as const] : []));
}
/** the results of `main` and the effects over them */
export function outputs(
  program: CoreProgram,
  scope: Scope,
  netOf: (n: Net) => ReadonlyMap<string, Node>,
): { readonly results: readonly Node[]; readonly effects: readonly StageEffect[] } {
  const results: Node[] = [];
  const index = (n: Node): number => {
    const i = results.indexOf(n);
    return i >= 0 ? i : results.push(n) - 1;
  };
  const result = (n: Node): Shape => ({ k: "tensor", result: index(n) });
  /** the first rows, `most` of them */
  function table(rdd: Node, row: Tree<LeafType>, most: number, span: Span): Shape {
    const head = addSpans(g.rddTake(most, rdd), [span]);
    const rows = addSpans(collectRows(head, most, span), [span]);
    return { k: "table", columns: columnsIn(rows, rdd, row, span), count: index(countRows(head, span)) };
  }
  /** `rows`: a tuple of the columns of `rdd` */
  function columnsIn(rows: Node, rdd: Node, row: Tree<LeafType>, span: Span): Columns {
    const stored = Object.keys(rowOf(rdd).row);
    const number = (d: Dim): number => extent(d, scope.building, span);
    return columnsOf(row, name => index(g.get(stored.indexOf(name), rows)), number);
  }
  /** records of the same numbers as a table: the trials of a sweep */
  function trials(items: readonly Output[], span: Span): Shape | undefined {
    const rows = items.map(o => (o.k === "record" ? leavesOf(o, scope) : undefined));
    const first = rows[0];
    if (!first?.length || items.length < 2) return undefined;
    const same = (row: typeof first): boolean =>
      row.length === first.length &&
      row.every(([name, x], i) => name === first[i]![0] && sameType(x.type, first[i]![1].type));
    if (!rows.every(row => row && same(row))) return undefined;
    const columns = first.map(([name], i) => {
      const cells = rows.map(row => g.reshape([1], row![i]![1]));
      return { name, result: index(mark(g.concat(0, cells), span)) };
    });
    return { k: "table", columns, count: index(addSpans(g.full(items.length, "i32"), [span])) };
  }
  function shape(o: Output, span: Span, rows = TABLE_ROWS): Shape {
    switch (o.k) {
      case "tensor": {
        const n = scope.values.get(o.of)!;
        if (o.of.type.k === "rdd") return table(n, o.of.type.row, rows, span);
        const present = o.present && { present: index(scope.values.get(o.present)!) };
        return {
          k: "tensor",
          result: index(n),
          ...meaning(tensorOf(o.of), d => extent(d, scope.building, span)),
          ...present,
        };
      }
      case "utf8":
        return { k: "utf8", result: index(scope.values.get(o.of)!) };
      case "text":
        return { k: "text", text: o.text };
      case "record":
        return { k: "record", fields: o.fields.map(([n, v]) => [n, shape(v, span)] as const) };
      case "list":
        return trials(o.of, span) ?? { k: "list", of: o.of.map(v => shape(v, span)) };
      case "oneOf":
        return { k: "oneOf", index: index(scope.values.get(o.index)!), of: o.of.map(v => shape(v, span)) };
      case "net":
        return { k: "record", fields: partOf(o, netOf).map(([path, w]) => [path, result(w)] as const) };
      default:
        return o satisfies never;
    }
  }
  /** all rows of an rdd */
  function saved(o: Output, span: Span): Shape {
    if (o.k !== "tensor" || o.of.type.k !== "rdd") return shape(o, span);
    const rdd = scope.values.get(o.of)!;
    const rows = addSpans(passRows(rdd, span), [span]);
    return { k: "table", columns: columnsIn(rows, rdd, o.of.type.row, span) };
  }
  const effect = (e: Effect): StageEffect => {
    const value = e.k === "save" ? saved(e.value, e.span) : shape(e.value, e.span, e.rows);
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
