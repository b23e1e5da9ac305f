/**
 * Core -> Core in which what an engine must do is one source of format "engine" with its query. A chain is cut as late as needed: what stands
 * above its last transform that no kernel makes stays for kernels. Of functions in which kernels meet texts, calendars or lists, the largest
 * such parts become columns that the engine computes. Knows no SQL and no stage.
 */
import type { Span } from "../../ir/node.ts";
import type { Columns, Rel, RelExpr } from "../../ir/rel.ts";
import type { Column } from "../../ir/type.ts";
import * as build from "../check/build.ts";
import { type Dim, symbol } from "../check/dims.ts";
import {
  type CoreProgram,
  type Effect,
  type Expr,
  type Fn,
  type LeafType,
  leaves,
  mapTree,
  type Op,
  type Output,
  type RddType,
  type Source,
  type Static,
  type TensorType,
  type Train,
  type Tree,
  tensorLeaf,
  type Unknown,
  type Var,
} from "../core.ts";
import { limit } from "../lower/limit.ts";
import { TABLE_ROWS } from "../lower/output.ts";
import { chanceAbove, chanceIn, drawnBatch, draws, renewedOf, withoutChance } from "./chance.ts";
import { choosingLast } from "./choices.ts";
import { columnsOnly, type Rdd, withColumns } from "./columns.ts";
import { withElements } from "./elements.ts";
import { madeAgain, readersOf, scansOf, sharingFiles, type Thing } from "./engines.ts";
import { translated, translatedAlone } from "./expr.ts";
import { held } from "./held.ts";
import { engineParts, hasLists, isRdd, isTransform, needsEngine } from "./kinds.ts";
import { asText, packed, unpacked, withTexts } from "./pack.ts";
import { fieldTypes } from "./pieces.ts";
import { type Rewriter, Rewriting, withParts } from "./rewrite.ts";
import { Untranslatable } from "./scope.ts";
import { column, columnsOf, namesOf, type Query, relOf } from "./table.ts";

/** throws a Refusal where neither an engine nor a kernel can do it */
export function segment(given: CoreProgram): CoreProgram {
  const program = withElements(headed(given));
  const cut: Cut = { program, symbols: [], collected: new Map(), options: new Map() };
  const rewriting: Rewriting = new Rewriting(
    (e, at) => refusing(() => rule(e, at, cut)),
    (net, at) => refusing(() => rowsOfTraining(net, at, cut)),
    true,
  );
  const nets = program.nets.map(n => rewriting.net(n));
  const effects = program.effects.map(e => ({ ...e, value: rewriting.output(e.value) }));
  const symbols = program.symbols.map((s): Unknown => {
    const { from } = s;
    if (from.k === "rows") return { ...s, from: { k: "rows", rdd: rewriting.expr(from.rdd) } };
    return from.k === "value" ? { ...s, from: { k: "value", of: rewriting.expr(from.of) } } : s;
  });
  const histories = program.histories.map(n => rewriting.net(n));
  const made = { ...program, nets, effects, symbols: [...symbols, ...cut.symbols], histories };
  for (const s of madeAgain(made)) cut.options.get(s)!["again"] = true;
  for (const s of sharingFiles(made)) cut.options.get(s)!["keep"] = true;
  return made;
}
function headed(program: CoreProgram): CoreProgram {
  const readers = readersOf(program);
  const head = (e: Effect): Effect => (e.k === "print" ? { ...e, value: headOf(e.value, readers, program.texts) } : e);
  return { ...program, effects: program.effects.map(head) };
}
/** of a table that is printed, and read by nobody else, an engine makes no more rows than are shown */
function headOf(o: Output, readers: ReadonlyMap<Thing, readonly unknown[]>, texts: readonly string[]): Output {
  const head = (e: Expr): Expr | undefined => {
    if (e.k !== "op" || !isRdd(e) || readers.get(e)?.length !== 1) return undefined;
    const type: RddType = { k: "rdd", row: e.type.row };
    if (e.op === "rdd.take" && Number(e.attrs["count"]) <= TABLE_ROWS) return undefined;
    if (isEngines(e, texts)) return build.op("rdd.take", [e], type, e.span, { attrs: { count: TABLE_ROWS } });
    const d = e.op === "rdd.map" ? head(e.args[0]!) : undefined;
    return d && withParts(e, [d, ...e.args.slice(1)], e.fns, type);
  };
  return o.k === "tensor" ? { ...o, of: head(o.of) ?? o.of } : o;
}
/** what the whole program shares */
interface Cut {
  readonly program: CoreProgram;
  /** numbers of rows of given tables */
  readonly symbols: Unknown[];
  /** the columns of given tables, by rdd */
  readonly collected: Map<Expr, readonly Expr[]>;
  /** of the sources that are made: whether one is read several times is seen when all are */
  readonly options: Map<Source, Record<string, Static>>;
}
function refusing<T>(f: () => T): T {
  try {
    return f();
  } catch (e) {
    if (!(e instanceof Untranslatable)) throw e;
    return limit(
      `${e.what} where texts, times, lists or joined tables are made`,
      "a map before it that computes it as a column",
      e.span,
    );
  }
}

// ---- what is an engine's

function rule(e: Expr, at: Rewriter, cut: Cut): Expr | undefined {
  if (e.k === "source") return isRdd(e) && hasLists(e.type.row) ? engine(e, at, cut) : undefined;
  if (e.k !== "op") return undefined;
  if (e.depth === 0 && e.type.k === "tensor" && needsEngine(e)) return alone(e, e.type, at, cut);
  const isOwn = isRdd(e) && isEngines(e, cut.program.texts);
  const d = e.args[0];
  // a group of rows has one identity: those of its rows, by which chance goes, end here
  if (e.op === "rdd.batch" && d && isRdd(d) && draws(d))
    return withParts(e, [sourceOf(d.type, d.span, at, cut, q => q.table(d))], e.fns, e.type);
  const used = isOwn || Object.values(e.fns).some(f => engineParts(f).length > 0);
  const renewed = used && isRdd(e) ? chanceAbove(e) : undefined;
  if (renewed) return at.expr(renewed);
  if (isOwn) return engine(e, at, cut);
  if (!d || !isRdd(d) || Object.keys(e.fns).length === 0) return undefined;
  return used || hasLists(d.type.row) ? pulled(e, d, at, cut) : undefined;
}
function isEngines(e: Op & { readonly type: RddType }, texts: readonly string[]): boolean {
  if (isTransform(e)) return true;
  // of what an engine puts in order it finds the first rows sooner than all
  const [of] = e.args;
  if (e.op === "rdd.take")
    return typeof e.attrs["count"] === "number" && of?.k === "op" && isRdd(of) && isEngines(of, texts);
  const f = e.fns["f"];
  if (!f || (e.op !== "rdd.map" && e.op !== "rdd.filter")) return false;
  const makesLists = e.op === "rdd.map" && hasLists(e.type.row);
  return (makesLists || engineParts(f).length > 0) && isTranslatable(f, e.args[0]!, texts);
}
function isTranslatable(f: Fn, d: Expr, texts: readonly string[]): boolean {
  try {
    translated(f, namesOf(d), { index: () => 0, texts });
    return true;
  } catch (e) {
    if (e instanceof Untranslatable) return false;
    throw e;
  }
}
/** the rdd as a source: its query, and what the query is given */
function engine(e: Expr & { readonly type: RddType }, at: Rewriter, cut: Cut): Source {
  return sourceOf(e.type, e.span, at, cut, q => relOf(e, q));
}
function sourceOf(type: RddType, span: Span, at: Rewriter, cut: Cut, make: (q: Query) => Rel): Source {
  const given: Expr[] = [];
  const rel = make(queryOf(given, at, cut));
  const row = withTexts(type.row);
  const texts = leaves(type.row).map(([n, t]): readonly [string, RelExpr] => [
    n,
    t.k === "list" ? packed(column(n), fieldTypes(t.of, span)) : column(n),
  ]);
  const query: Rel = hasLists(type.row) ? { k: "map", of: rel, columns: texts } : rel;
  const columns = Object.fromEntries(leaves(row).map(([path, t]) => [path, stored(tensorLeaf(t))] as const));
  const paths = [...new Set(scansOf(query).flatMap(scan => scan.paths))];
  const rows = type.rows === undefined ? {} : { rows: type.rows };
  const own: RddType = { k: "rdd", row, ...rows };
  const options: Record<string, Static> = {};
  const source = build.source({ format: "engine", paths, options, columns, type: own, span, query, given });
  cut.options.set(source, options);
  return source;
}
function stored(t: TensorType): Column {
  const shape = t.shape.map(held);
  const { elem } = t;
  return { store: elem === "string" || elem === "u8" ? "i32" : elem === "time" ? "i64" : elem, shape, nullable: false };
}
/** a value outside of all functions that only an engine computes: a column of one row */
function alone(e: Expr, type: TensorType, at: Rewriter, cut: Cut): Expr {
  const { span } = e;
  const row = build.constant([0], { k: "tensor", elem: "i32", shape: [1] }, span);
  const table: RddType = { k: "rdd", row: { k: "record", fields: [["value", { k: "leaf", of: type }]] }, rows: 1 };
  const source = sourceOf(table, span, at, cut, q => {
    const of: Rel = { k: "given", index: q.index(row), columns: [["row", { k: "scalar", elem: "i32" }]] };
    return { k: "map", of, columns: [["value", translatedAlone(e, q)]] };
  });
  const all: TensorType = { ...type, shape: [1, ...type.shape] };
  const whole = build.op("rdd.collect", [source], { k: "tuple", of: [all] }, span);
  return build.op("reshape", [build.get(whole, 0, all, span)], type, span);
}

// ---- what a query is given

function queryOf(given: Expr[], at: Rewriter, cut: Cut): Query {
  const index = (e: Expr): number => {
    const own = at.expr(e);
    const i = given.indexOf(own);
    return i >= 0 ? i : given.push(own) - 1;
  };
  return {
    texts: cut.program.texts,
    index,
    mark: () => given.length,
    reset: mark => {
      given.length = mark;
    },
    table: d => {
      if (d.depth > 0) throw new Untranslatable("an rdd of a function around it", d.span);
      const columns = columnsOf(d);
      const parts = cut.collected.get(d) ?? collect(at.expr(d), cut);
      cut.collected.set(d, parts);
      given.push(...parts);
      const index = given.length - parts.length;
      if (columns.every(([, c]) => c.k !== "list")) return { k: "given", index, columns };
      const texts = columns.map(
        ([n, c]) => [n, c.k === "list" ? { k: "scalar", elem: "string" } : c] as const,
      ) as Columns; // as: a cell each
      const lists = columns.map(([n, c]) => [n, c.k === "list" ? unpacked(column(n), c.of) : column(n)] as const);
      return { k: "map", of: { k: "given", index, columns: texts }, columns: lists };
    },
    with: (d, parts) => withColumns(rddOf(d), parts),
  };
}
/** the columns of an rdd that kernels compute, a tensor each */
function collect(d: Expr, cut: Cut): readonly Expr[] {
  if (!isRdd(d)) throw new Error("internal: a given table is no rdd");
  const { span } = d;
  if (d.k === "op" && d.op === "rows" && d.args.length === leaves(d.type.row).length) return d.args;
  const n = d.type.rows ?? rowsSymbol(d, cut);
  const all = leaves(d.type.row).map(([, t]): TensorType => ({ ...tensorLeaf(t), shape: [n, ...tensorLeaf(t).shape] }));
  const whole = build.op("rdd.collect", [d], { k: "tuple", of: all }, span);
  return all.map((t, i) => build.get(whole, i, t, span));
}
function rddOf(e: Expr): Rdd {
  if (isRdd(e)) return e;
  throw new Error("internal: columns of no rdd");
}
function rowsSymbol(rdd: Expr, cut: Cut): Dim {
  const taken = new Set([...cut.program.symbols, ...cut.symbols].map(s => s.id));
  let id = "rows";
  for (let i = 2; taken.has(id); i++) id = `rows#${i}`;
  cut.symbols.push({ id, name: "rows", from: { k: "rows", rdd }, span: rdd.span });
  return symbol(id, "rows");
}
// ---- parts of functions that an engine computes

interface Pulled {
  readonly source: Source;
  readonly fns: readonly Fn[];
}
/** functions of the rows of `d`: what needs an engine in them are columns of the source; `isDrawn`: a training draws anew what is random in them */
function pull(
  d: Expr & { readonly type: RddType },
  fns: readonly Fn[],
  at: Rewriter,
  cut: Cut,
  isDrawn: boolean,
): Pulled {
  const names = namesOf(d);
  const kept = leaves(d.type.row);
  const parts = fns.map(engineParts);
  const row: Tree<LeafType> = {
    k: "record",
    fields: [
      ...kept.map(([path, t]) => [path, { k: "leaf", of: t }] as const),
      ...parts.flatMap((of, i) => of.map((e, k) => [`${i}#${k}`, { k: "leaf", of: e.type as LeafType }] as const)), // as: of a row
    ],
  };
  const type: RddType = { ...d.type, row };
  const source = sourceOf(type, d.span, at, cut, q => {
    // what only a kernel computes of a row is a column of the rows that the engine is given
    const more: (readonly [name: string, f: Fn, part: Expr])[] = [];
    const columns = parts.flatMap((of, i) =>
      of.map((e, k) => {
        const f: Fn = { ...fns[i]!, random: false, body: { k: "leaf", of: e } };
        const part = (x: Expr): string => computed(more, fns[i]!, x, isDrawn);
        return [`${i}#${k}`, translated(f, names, { ...q, part })[0]![1]] as const;
      }),
    );
    const mark = q.mark();
    const own = kept.map(([path]) => [path, column(path)] as const);
    const of = more.length ? q.table(q.with(d, more)) : fromOf(d, q, mark);
    return { k: "map", of, columns: [...own, ...columns] };
  });
  const made = fns.map((f, i) => {
    const rest = f.params.slice(names.length);
    const params = kept.map(([path, t], k) =>
      f.params[k] && t.k !== "list" ? f.params[k] : build.variable(path, asText(t), f.params[0]?.depth ?? 1, d.span),
    );
    // a column per part of all functions: each function has them all
    const columns = parts.flatMap((of, j) =>
      of.map((e, k): readonly [Expr | undefined, Var] => [
        j === i ? e : undefined,
        build.variable(`${j}#${k}`, asText(e.type as LeafType), f.params[0]?.depth ?? 1, e.span), // as: of a row
      ]),
    );
    const local = new Map(columns.flatMap(([e, v]) => (e ? [[e, v] as const] : [])));
    return at.fn(f, [...params, ...columns.map(([, v]) => v), ...rest], local);
  });
  return { source, fns: made };
}
const onceDrawn = (span: Span): never =>
  limit("a text of what a training draws anew", "cache(..) after the draw: it is made once for all epochs", span);
function computed(more: (readonly [string, Fn, Expr])[], f: Fn, part: Expr, isDrawn: boolean): string {
  if (isDrawn && build.closeFn(f.params, { k: "leaf", of: part }, f.params[0]?.depth ?? 1, part.span).random)
    onceDrawn(part.span);
  const known = more.find(([, , e]) => e === part);
  if (known) return known[0];
  const name = `k#${more.length}`;
  more.push([name, f, part]);
  return name;
}
function fromOf(d: Expr, q: Query, mark: number): Rel {
  try {
    return relOf(d, q);
  } catch (e) {
    if (!(e instanceof Untranslatable)) throw e;
    q.reset(mark);
    return q.table(d);
  }
}
/** an op of kernels over rows, on what an engine made of them */
function pulled(e: Op, d: Expr & { readonly type: RddType }, at: Rewriter, cut: Cut): Expr {
  const names = Object.keys(e.fns);
  const { source, fns } = pull(d, Object.values(e.fns), at, cut, false);
  const args = [source, ...e.args.slice(1).map(at.expr)];
  const own = Object.fromEntries(names.map((n, i) => [n, fns[i]!]));
  if (e.op !== "rdd.filter" || !isRdd(e))
    return withParts(e, args, own, isRdd(e) ? { ...e.type, row: withTexts(e.type.row) } : e.type);
  // the rows that are left, without what was computed to choose them
  const chosen = withParts(e, args, own, { ...e.type, row: source.type.k === "rdd" ? source.type.row : e.type.row });
  return columnsOnly(rddOf(chosen), withTexts(e.type.row));
}
function rowsOfTraining(net: Train, at: Rewriter, cut: Cut): Pick<Train, "rows" | "updates"> | undefined {
  const { rows } = net;
  // what sees all rows in each step sees one table
  if (!isRdd(rows) || net.whole) return undefined;
  const batch = drawnBatch(rows);
  if (batch)
    limit(
      "`batch` of rows that a training draws anew",
      "|> batch(n) first, then |> map(..); or cache(..) before it",
      batch.span,
    );
  const isPulled = hasLists(rows.type.row) || net.updates.some(u => engineParts(u.fn).length > 0);
  const choices: Op[] = [];
  let below: Expr = rows;
  for (let c = isPulled ? chanceIn(below) : undefined; c; c = chanceIn(below)) {
    choices.push(c.chance);
    below = c.below;
  }
  const drawn = isPulled ? belowDraws(below, net, at) : undefined;
  if (drawn) {
    const again = choices.reduceRight<Expr>((of, c) => renewedOf(c, of), drawn.rows);
    withoutChance(again, false, e => isEngines(e, cut.program.texts));
    return { rows: at.expr(again), updates: drawn.updates };
  }
  withoutChance(rows, isPulled, e => isEngines(e, cut.program.texts));
  if (!isPulled) return undefined;
  if (!isRdd(below)) throw new Error("internal: rows that are no rdd");
  const made = pull(
    below,
    net.updates.map(u => u.fn),
    at,
    cut,
    true,
  );
  const chosen = choices.reduceRight<Expr>((of, c) => renewedOf(c, of, c.args.slice(1).map(at.expr)), made.source);
  return { rows: chosen, updates: net.updates.map((u, i) => ({ ...u, fn: made.fns[i]! })) };
}
/**
 * before: length(r.text) of rows map(r => { r.text, x: normal() }) --> a column of map(r => { .., length(r.text) }): an engine makes it of what lies
 * below of the draws, which are made anew in each epoch
 */
function belowDraws(rows: Expr, net: Train, at: Rewriter): Pick<Train, "rows" | "updates"> | undefined {
  if (rows.k !== "op" || rows.op !== "rdd.map" || !isRdd(rows) || !rows.fns["f"]!.random) return undefined;
  const own = rows.fns["f"]!;
  const results = leaves(own.body);
  const depth = own.params[0]?.depth ?? 1;
  const renamed = new Rewriting(
    () => undefined,
    () => undefined,
  );
  const columns = net.updates.flatMap((u, i) =>
    engineParts(u.fn).map((part, k) => {
      const local = new Map<Expr, Expr>(results.map(([, e], j) => [u.fn.params[j]!, e]));
      const isDrawn = (e: Expr): boolean => build.closeFn(own.params, { k: "leaf", of: e }, depth, part.span).random;
      const composed = choosingLast(renamed.within(part, local), isDrawn);
      const left = engineParts(build.closeFn(own.params, { k: "leaf", of: composed }, depth, part.span));
      if (left.some(isDrawn)) onceDrawn(part.span);
      return { name: `${i}#${k}`, of: i, part, composed };
    }),
  );
  const fields = [...results, ...columns.map(c => [c.name, c.composed] as const)];
  const body: Tree<Expr> = { k: "record", fields: fields.map(([n, e]) => [n, { k: "leaf", of: e }] as const) };
  const type: RddType = { ...rows.type, row: mapTree(body, e => e.type as LeafType) }; // as: columns of rows
  const f = build.closeFn(own.params, body, depth, own.span);
  const made = withParts(rows, rows.args, { f }, type);
  const updates = net.updates.map((u, i) => {
    const at0 = u.fn.params[0]?.depth ?? 1;
    const vars = columns.map(c => build.variable(c.name, asText(c.part.type as LeafType), at0, c.part.span)); // as: of a row
    const kept = results.map(([path, e], j) => {
      const p = u.fn.params[j]!;
      return e.type.k === "list" ? build.variable(path, asText(e.type), at0, p.span) : p;
    });
    const local = new Map<Expr, Expr>(columns.flatMap((c, k) => (c.of === i ? [[c.part, vars[k]!] as const] : [])));
    return { ...u, fn: at.fn(u.fn, [...kept, ...vars, ...u.fn.params.slice(results.length)], local) };
  });
  return { rows: made, updates };
}
