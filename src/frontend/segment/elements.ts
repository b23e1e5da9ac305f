/**
 * What only kernels compute of the elements of a row's list: the elements become rows of their own, of which it is a column, and lists again, of
 * elements that have it as a field more. Knows no REL.
 */
import type { Span } from "../../ir/node.ts";
import * as build from "../check/build.ts";
import {
  type CoreProgram,
  type Expr,
  type Fn,
  inputsOf,
  type LeafType,
  type ListType,
  leaves,
  mapTree,
  type Op,
  type Tree,
  type Unknown,
  type Var,
} from "../core.ts";
import { chanceAbove } from "./chance.ts";
import { columnsOnly, mapped, type Named, type Rdd, rowOf, rowsOf } from "./columns.ts";
import { translated } from "./expr.ts";
import { isRdd } from "./kinds.ts";
import { type Rewriter, Rewriting, withParts } from "./rewrite.ts";
import { Untranslatable } from "./scope.ts";
import { namesOf } from "./table.ts";

/** before: map(d, r => mean(r.xs, net)) --> map(join(d, group of map(flat(d, .xs), net)), r => mean(r.more, .p)) */
export function withElements(program: CoreProgram): CoreProgram {
  const rewriting: Rewriting = new Rewriting(
    (e, at) => rule(e, at, program.texts),
    () => undefined,
  );
  return {
    ...program,
    nets: program.nets.map(n => rewriting.net(n)),
    effects: program.effects.map(e => ({ ...e, value: rewriting.output(e.value) })),
    symbols: program.symbols.map((s): Unknown => {
      const { from } = s;
      if (from.k === "rows") return { ...s, from: { k: "rows", rdd: rewriting.expr(from.rdd) } };
      return from.k === "value" ? { ...s, from: { k: "value", of: rewriting.expr(from.of) } } : s;
    }),
    histories: program.histories.map(n => rewriting.net(n)),
  };
}
/** the same of one expression */
export const elementsOf = (e: Expr, texts: readonly string[]): Expr =>
  new Rewriting(
    (x, at) => rule(x, at, texts),
    () => undefined,
  ).expr(e);
function rule(e: Expr, at: Rewriter, texts: readonly string[]): Expr | undefined {
  const d = e.k === "op" ? e.args[0] : undefined;
  if (e.k !== "op" || e.depth > 0 || !d || !isRdd(d)) return undefined;
  const found = foundIn(e, d, texts);
  if (!found) return undefined;
  const renewed = isRdd(e) ? chanceAbove(e) : undefined;
  return at.expr(renewed ?? expanded(e, d, found));
}

// ---- which elements need kernels

/** a list of the row, and what goes over it with functions of which kernels compute parts */
interface Found {
  /** the function of the row */
  readonly within: string;
  readonly list: Expr;
  readonly over: readonly { readonly op: Op; readonly parts: readonly Expr[] }[];
}
function foundIn(e: Op, d: Rdd, texts: readonly string[]): Found | undefined {
  for (const [within, f] of Object.entries(e.fns)) {
    const all = listOps(f)
      .map(op => ({ op, parts: partsOf(op, f, d, texts) }))
      .filter(o => o.parts.length);
    const open = new Set<Expr>(all.map(o => o.op));
    // a list that one of them makes waits for its turn
    const first = all.find(o => !reached([o.op.args[0]!]).some(x => open.has(x)));
    if (!first) continue;
    const list = first.op.args[0]!;
    return { within, list, over: all.filter(o => o.op.args[0] === list) };
  }
  return undefined;
}
const listOps = (f: Fn): readonly Op[] =>
  reached(
    leaves(f.body).map(([, e]) => e),
    f.captures,
  ).filter((e): e is Op => e.k === "op" && e.op.startsWith("list.") && Object.keys(e.fns).length > 0);
/** what it is made of, functions apart */
function reached(from: readonly Expr[], outside: readonly Expr[] = []): readonly Expr[] {
  const known = new Set(outside);
  const seen = new Set<Expr>();
  const stack = [...from];
  while (stack.length) {
    const e = stack.pop()!;
    if (known.has(e) || seen.has(e)) continue;
    seen.add(e);
    stack.push(...inputsOf(e));
  }
  return [...seen];
}
/** of the function of elements the smallest parts around what no engine knows */
function partsOf(op: Op, f: Fn, d: Rdd, texts: readonly string[]): readonly Expr[] {
  // of a fold the state is known from element to element only
  const own = new Set<Expr>([...f.params, ...elementParams(op)]);
  const depth = elementParams(op)[0]?.depth ?? 0;
  const parts = new Set<Expr>();
  const element = (e: Expr): boolean => {
    const isOwn = reached([e]).every(x => (x.k === "var" ? own.has(x) : x.k !== "op" || !x.place || x.depth <= depth));
    if (isOwn) parts.add(e);
    return isOwn;
  };
  try {
    translated({ ...f, random: false, body: { k: "leaf", of: op } }, namesOf(d), {
      index: () => 0,
      texts,
      part: () => "",
      element,
    });
  } catch (error) {
    if (!(error instanceof Untranslatable)) throw error;
    return [];
  }
  return [...parts];
}
const elementOf = (op: Op): Tree<LeafType> => (op.args[0]!.type as ListType).of; // as: it goes over a list
/** the last parameters of its function; those of a fold begin with the state */
function elementParams(op: Op): readonly Var[] {
  const [f] = Object.values(op.fns) as [Fn]; // as: it has one
  return f.params.slice(f.params.length - leaves(elementOf(op)).length);
}

// ---- rows of elements, and lists of them again

/** columns of the rows of elements */
const NUMBER = "#row";
const inElement = (path: string): string => `x.${path}`;
const inRow = (path: string): string => `r.${path}`;
const I64: LeafType = { k: "tensor", elem: "i64", shape: [] };

function expanded(e: Op, d: Rdd, { within, list, over }: Found): Expr {
  const { span } = e;
  const columns = leaves(d.type.row);
  const [ROW, LIST, MORE] = ["#row", "#list", "#elements"].map(n => freeName(n, columns)) as [string, string, string]; // as: three
  const f = e.fns[within]!;
  const fields = leaves((list.type as ListType).of); // as: it is gone over
  const parts = over.flatMap(o => o.parts);
  const read = new Set(reached(parts));
  const around = columns.flatMap(([path, t], i) => (read.has(f.params[i]!) ? [[path, t, f.params[i]!] as const] : []));

  const listed = mapped(numbered(d, ROW, span), span, vars => {
    const own = new Map<Expr, Expr>(f.params.map((p, i) => [p, vars[i]!]));
    const made = Rewriting.renamed([list], own)[0]!;
    return [...columns.map(([path], i) => [path, vars[i]!] as const), [ROW, vars.at(-1)!], [LIST, made]];
  });
  const elements = mapped(
    flat(
      listed,
      fields,
      around.map(([path, t]) => [path, t] as const),
      span,
    ),
    span,
    vars => {
      const of = new Map(vars.map(v => [v.name, v] as const));
      const local = new Map<Expr, Expr>(around.map(([path, , p]) => [p, of.get(inRow(path))!]));
      for (const { op } of over)
        for (const [i, v] of elementParams(op).entries()) local.set(v, of.get(inElement(fields[i]![0]))!);
      const kept = [NUMBER, ...fields.map(([path]) => inElement(path))].map(path => [path, of.get(path)!] as const);
      return [...kept, ...Rewriting.renamed(parts, local).map((p, i) => [`p.${i}`, p] as const)];
    },
  );
  const lists = grouped(elements, [ROW, MORE], span);
  const more = leaves(lists.type.row)[1]![1];
  const both: Named<LeafType> = [...leaves(listed.type.row), [MORE, more]];
  const joined = build.op("rdd.join", [listed, lists], { k: "rdd", row: rowOf(both), ...rowsOf(d) }, span, {
    attrs: { on: [ROW], how: "one" },
  }) as Op & Rdd; // as: of that type
  const whole = mapped(joined, span, vars => [
    ...columns.map(([path], i) => [path, vars[i]!] as const),
    [MORE, vars.at(-1)!],
  ]);

  // the functions again, over the columns and the new one
  const fns = Object.entries(e.fns).map(([key, g]) => {
    const depth = g.params[0]?.depth ?? d.depth + 1;
    const column = build.variable(MORE, more, depth, span);
    const local = new Map<Expr, Expr>();
    let at = fields.length;
    for (const o of key === within ? over : []) {
      local.set(o.op, opAgain(o.op, column, new Map(o.parts.map((p, i) => [p, at + i] as const))));
      at += o.parts.length;
    }
    const bodies = Rewriting.renamed(
      leaves(g.body).map(([, x]) => x),
      local,
    );
    let i = 0;
    const params = [...g.params.slice(0, columns.length), column, ...g.params.slice(columns.length)];
    return [
      key,
      build.closeFn(
        params,
        mapTree(g.body, () => bodies[i++]!),
        depth,
        g.span,
      ),
    ] as const;
  });
  const args = [whole, ...e.args.slice(1)];
  const isChosen = isRdd(e) && CHOOSES.has(e.op);
  const made = withParts(e, args, Object.fromEntries(fns), isChosen ? { ...e.type, row: whole.type.row } : e.type);
  return isChosen && isRdd(made) ? columnsOnly(made, e.type.row) : made;
}
/** transforms whose rows are some of those that they are given */
const CHOOSES: ReadonlySet<string> = new Set(["rdd.filter", "rdd.sort", "rdd.distinct", "rdd.split"]);
/** no field of a program has such a name, but lists in lists are gone over in turn */
function freeName(base: string, taken: Named<LeafType>): string {
  let name = base;
  for (let i = 2; taken.some(([path]) => path === name); i++) name = `${base}${i}`;
  return name;
}
function numbered(d: Rdd, column: string, span: Span): Rdd {
  const row = rowOf([...leaves(d.type.row), [column, I64]]);
  return build.op("rdd.number", [d], { k: "rdd", row, ...rowsOf(d) }, span, { attrs: { column } }) as Op & Rdd; // as: of that type
}
/** a row per element of the last column: before it stands the number of the row; its fields, and of the row what is read of it */
function flat(d: Rdd, fields: Named<LeafType>, around: Named<LeafType>, span: Span): Rdd {
  const depth = d.depth + 1;
  const vars = leaves(d.type.row).map(([path, t]) => build.variable(path, t, depth, span));
  const column = (name: string): Expr => vars.find(v => v.name === name)!;
  const own = fields.map(([path, t]) => build.variable(path, t, depth + 1, span));
  const made: Named<Expr> = [
    [NUMBER, vars.at(-2)!],
    ...fields.map(([path], i) => [inElement(path), own[i]!] as const),
    ...around.map(([path]) => [inRow(path), column(path)] as const),
  ];
  const of = rowOf(made.map(([path, e]) => [path, e.type as LeafType] as const)); // as: columns of rows
  const body: Tree<Expr> = { k: "record", fields: made.map(([path, e]) => [path, { k: "leaf", of: e }] as const) };
  const each = build.op("list.map", [vars.at(-1)!], { k: "list", of }, span, {
    fns: { f: build.closeFn(own, body, depth + 1, span) },
  });
  const f = build.closeFn(vars, { k: "leaf", of: each }, depth, span);
  return build.op("rdd.flat", [d], { k: "rdd", row: of }, span, { fns: { f } }) as Op & Rdd; // as: of that type
}
/** for each row a list of its elements, in order: of all columns but the first */
function grouped(d: Rdd, names: readonly [string, string], span: Span): Op & Rdd {
  const depth = d.depth + 1;
  const vars = leaves(d.type.row).map(([path, t]) => build.variable(path, t, depth, span));
  const [row, ...fields] = vars as [Var, ...Var[]]; // as: it begins with the number
  const type: ListType = { k: "list", of: rowOf(fields.map(v => [v.name, v.type] as const)) };
  const list = build.op("list", fields, type, span);
  const close = (e: Expr): Fn => build.closeFn(vars, { k: "leaf", of: e }, depth, span);
  const columns: Named<LeafType> = [
    ["key", I64],
    ["a0", type],
  ];
  const groups = build.op("rdd.group", [d], { k: "rdd", row: rowOf(columns) }, span, {
    attrs: { ops: ["concat"] },
    fns: { key: close(row), a0: close(list) },
  }) as Op & Rdd; // as: of that type
  return mapped(groups, span, ([key, all]) => [
    [names[0], key!],
    [names[1], all!],
  ]);
}
/** the op over the elements that have parts of its function as fields more, by place */
function opAgain(op: Op, column: Var, parts: ReadonlyMap<Expr, number>): Expr {
  const all = leaves((column.type as ListType).of); // as: grouped made it
  const [[key, f]] = Object.entries(op.fns) as [[string, Fn]]; // as: it has one
  const depth = f.params[0]!.depth;
  const own = elementParams(op);
  const vars = all.map(([path, t], i) => own[i] ?? build.variable(path, t, depth, op.span));
  const local = new Map<Expr, Expr>([...parts].map(([p, i]) => [p, vars[i]!]));
  const bodies = Rewriting.renamed(
    leaves(f.body).map(([, e]) => e),
    local,
  );
  let i = 0;
  const body = mapTree(f.body, () => bodies[i++]!);
  const params = [...f.params.slice(0, f.params.length - own.length), ...vars];
  const fns = { [key]: build.closeFn(params, body, depth, f.span) };
  const args = [column, ...op.args.slice(1)];
  if (!CHOSEN.has(op.op)) return withParts(op, args, fns, op.type);
  const chosen = withParts(op, args, fns, column.type);
  const again = all.map(([path, t]) => build.variable(path, t, depth, op.span));
  let k = 0;
  const plain = mapTree(elementOf(op), (): Expr => again[k++]!);
  return build.op("list.map", [chosen], op.type, op.span, {
    fns: { f: build.closeFn(again, plain, depth, op.span) },
  });
}
/** those whose elements are some of the list's own */
const CHOSEN: ReadonlySet<string> = new Set(["list.filter", "list.order", "list.distinct"]);
