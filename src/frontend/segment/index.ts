/**
 * Core -> Core in which what an engine must do is one source of format "engine" with its query. A chain is cut as late as needed: what stands
 * above its last transform that no kernel makes stays for kernels. Of functions in which kernels meet texts, calendars or lists, the largest
 * such parts become columns that the engine computes. Knows no SQL and no stage.
 */
import * as build from "../check/build.ts";
import type { CoreProgram, Effect, Expr, Output, RddType, TensorType, Unknown } from "../core.ts";
import { limit } from "../lower/limit.ts";
import { TABLE_ROWS } from "../lower/output.ts";
import { engineActions } from "./actions.ts";
import { alongRows, inOneRow, placeByPlace } from "./along.ts";
import { chanceAbove } from "./chance.ts";
import { isEngines } from "./claims.ts";
import { elementsOf, withElements } from "./elements.ts";
import { madeAgain, readersOf, sharingFiles, type Thing } from "./engines.ts";
import { engineParts, hasLists, isRdd, needsEngine } from "./kinds.ts";
import { pulled } from "./pull.ts";
import { type Rewriter, Rewriting, withParts } from "./rewrite.ts";
import { Untranslatable } from "./scope.ts";
import { alone, type Cut, engine } from "./source.ts";
import { innerTraining, rowsOfTraining } from "./training.ts";

/** throws a Refusal where neither an engine nor a kernel can do it */
export function segment(given: CoreProgram): CoreProgram {
  const program = withElements(headed(given));
  const cut: Cut = {
    program,
    symbols: [],
    collected: new Map(),
    along: new Map(),
    wide: new Map(),
    options: new Map(),
  };
  const action = engineActions(program);
  const rewriting: Rewriting = new Rewriting(
    (e, at) => refusing(() => action(e, at, cut) ?? rule(e, at, cut)),
    (net, at) => refusing(() => rowsOfTraining(net, at, cut, (e, own, of) => refusing(() => rule(e, own, of)))),
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
  const head = (e: Effect): Effect =>
    e.k === "print" ? { ...e, value: headOf(e.value, e.rows ?? TABLE_ROWS, readers, program.texts) } : e;
  return { ...program, effects: program.effects.map(head) };
}
/** of a table that is printed, and read by nobody else, an engine makes no more rows than are shown */
function headOf(
  o: Output,
  rows: number,
  readers: ReadonlyMap<Thing, readonly unknown[]>,
  texts: readonly string[],
): Output {
  const head = (e: Expr): Expr | undefined => {
    if (e.k !== "op" || !isRdd(e) || readers.get(e)?.length !== 1) return undefined;
    const type: RddType = { k: "rdd", row: e.type.row };
    if (e.op === "rdd.take" && Number(e.attrs["count"]) <= rows) return undefined;
    if (isEngines(e, texts)) return build.op("rdd.take", [e], type, e.span, { attrs: { count: rows } });
    const d = e.op === "rdd.map" ? head(e.args[0]!) : undefined;
    return d && withParts(e, [d, ...e.args.slice(1)], e.fns, type);
  };
  return o.k === "tensor" ? { ...o, of: head(o.of) ?? o.of } : o;
}
function refusing<T>(f: () => T): T {
  try {
    return f();
  } catch (e) {
    if (!(e instanceof Untranslatable)) throw e;
    return limit(`${e.what} where texts, times, lists or joined tables are made`, e.instead, e.span);
  }
}

/** what an engine computes outside of all rows; of elements of lists kernels may have parts */
function outside(e: Expr, type: TensorType, at: Rewriter, cut: Cut): Expr {
  try {
    return alone(e, type, at, cut);
  } catch (error) {
    const row = error instanceof Untranslatable ? inOneRow(e, type) : undefined;
    if (!row) throw error;
    return at.expr(elementsOf(row, cut.program.texts));
  }
}
function rule(e: Expr, at: Rewriter, cut: Cut): Expr | undefined {
  if (e.k === "get" && e.of.k === "op") {
    const all = cut.along.get(e.of) ?? alongRows(e.of);
    if (all) cut.along.set(e.of, all);
    if (all) return at.expr(all[e.index]!);
  }
  if (e.k === "source") return isRdd(e) && hasLists(e.type.row) ? engine(e, at, cut) : undefined;
  if (e.k !== "op") return undefined;
  const places = placeByPlace(e);
  if (places) return at.expr(places);
  if (e.depth === 0 && e.type.k === "tensor" && needsEngine(e)) return outside(e, e.type, at, cut);
  const isOwn = isRdd(e) && isEngines(e, cut.program.texts);
  const d = e.args[0];
  if (e.op === "train") return innerTraining(e, at, cut, rule);
  const used = isOwn || Object.values(e.fns).some(f => engineParts(f).length > 0);
  const renewed = used && isRdd(e) ? chanceAbove(e) : undefined;
  if (renewed) return at.expr(renewed);
  if (isOwn) return engine(e, at, cut);
  if (!d || !isRdd(d) || Object.keys(e.fns).length === 0) return undefined;
  return used || hasLists(d.type.row) ? pulled(e, d, at, cut) : undefined;
}
