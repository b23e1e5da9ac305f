/**
 * A function of one record in which `over_batch` sees all of them, as maps over a batch: what is per record lies in one map per
 * level, level k + 1 reads what over_batch made of level k; what hangs on no record is computed between them, once.
 * Knows no loss and no weight.
 */
import type { Node } from "../../ir/node.ts";
import * as g from "../../ir/ops/index.ts";
import { type TensorType as GraphTensor, tensor } from "../../ir/type.ts";
import { type Expr, type Fn, inputsOf, leaves } from "../core.ts";
import { word } from "./chance.ts";
import { rowWords } from "./rdd.ts";
import { closing, evaluate, mark, type Scope } from "./scope.ts";

/** the values of a batch: a node per parameter of the function, those of its columns with a leading N */
export interface Batch {
  readonly columns: readonly Node[];
  /** the other parameters: the same for all records */
  readonly shared: readonly Node[];
  /** u32[N, 2] */
  readonly row: Node;
  readonly epoch: Node;
  readonly step: Node;
  /** u32[] each: those around the training */
  readonly trips: readonly Node[];
}
/** a leaf of the result: with a leading N where it hangs on a record */
export interface OverRecords {
  readonly node: Node;
  readonly perRecord: boolean;
}
interface Kind {
  readonly perRecord: boolean;
  readonly level: number;
}

/** what each expression hangs on */
function kindsOf(f: Fn, columns: number): ReadonlyMap<Expr, Kind> {
  const kinds = new Map<Expr, Kind>();
  for (const [i, p] of f.params.entries()) kinds.set(p, { perRecord: i < columns, level: 0 });
  for (const c of f.captures) kinds.set(c, { perRecord: false, level: 0 });
  const stack = leaves(f.body).map(([, e]) => e);
  while (stack.length) {
    const e = stack[stack.length - 1]!;
    if (kinds.has(e)) {
      stack.pop();
      continue;
    }
    const open = inputsOf(e).filter(i => !kinds.has(i));
    if (open.length) {
      stack.push(...open);
      continue;
    }
    stack.pop();
    kinds.set(e, kindOf(e, kinds));
  }
  return kinds;
}
function kindOf(e: Expr, kinds: ReadonlyMap<Expr, Kind>): Kind {
  const of = inputsOf(e).map(i => kinds.get(i)!);
  const level = Math.max(0, ...of.map(k => k.level));
  const any = of.some(k => k.perRecord);
  if (isOverBatch(e)) return { perRecord: false, level: any ? level + 1 : level };
  const draws = e.k === "op" && (e.place !== undefined || Object.values(e.fns).some(fn => fn.random));
  return { perRecord: any || draws, level };
}
const isOverBatch = (e: Expr): boolean => e.k === "op" && e.op === "over_batch";

/** `scope` has a node for every capture of `f`; `columns`: how many parameters are per record */
export function overRecords(f: Fn, batch: Batch, scope: Scope): readonly OverRecords[] {
  const columns = batch.columns.length;
  const kinds = kindsOf(f, columns);
  const roots = leaves(f.body).map(([, e]) => e);
  const outer: Scope = {
    building: scope.building,
    seed: scope.seed,
    values: new Map<Expr, Node>(f.captures.map(c => [c, scope.values.get(c)!])),
    when: { time: [word(batch.epoch), word(batch.step), ...batch.trips], row: [] },
  };
  for (const [i, p] of f.params.entries()) if (i >= columns) outer.values.set(p, batch.shared[i - columns]!);
  const records = new Map<Expr, Node>(batch.columns.map((c, i) => [f.params[i]!, c]));
  const last = Math.max(...[...kinds.values()].map(k => k.level));
  const wanted = crossing(roots, kinds);
  for (let level = 0; level <= last; level++) {
    const made = wanted.filter(e => kinds.get(e)!.level === level && !records.has(e));
    if (made.length) mapOver(f, made, kinds, records, batch, outer);
    for (const [e, k] of kinds) {
      const x = isOverBatch(e) ? records.get(inputsOf(e)[0]!) : undefined;
      if (x && k.level === level + 1) outer.values.set(e, x);
    }
  }
  return roots.map(e => {
    if (kinds.get(e)!.perRecord) return { node: records.get(e)!, perRecord: true };
    return { node: evaluate([e], outer)[0]!, perRecord: false };
  });
}
/** what is per record and read outside of its own level's map: results, arguments of over_batch, what later levels read */
function crossing(roots: readonly Expr[], kinds: ReadonlyMap<Expr, Kind>): readonly Expr[] {
  const out = new Set<Expr>(roots.filter(e => kinds.get(e)!.perRecord));
  for (const [e, k] of kinds)
    for (const i of inputsOf(e)) {
      const of = kinds.get(i);
      if (of?.perRecord && (!k.perRecord || of.level < k.level)) out.add(i);
    }
  return [...out];
}
/** one map: the expressions `made` of one level for every record */
function mapOver(
  f: Fn,
  made: readonly Expr[],
  kinds: ReadonlyMap<Expr, Kind>,
  records: Map<Expr, Node>,
  batch: Batch,
  outer: Scope,
): void {
  const own = closing();
  // parameters stand in the order in which they are asked for: first what is mapped
  const inputs: Node[] = [];
  const mapped = (node: Node): Node => {
    const t = node.type as GraphTensor; // as: with a leading N
    inputs.push(node);
    return own.parameter(tensor(t.elem, t.shape.slice(1)));
  };
  const values = new Map<Expr, Node>();
  const level = kinds.get(made[0]!)!.level;
  const seen = new Set<Expr>();
  const shared: Expr[] = [];
  const stack = [...made];
  while (stack.length) {
    const e = stack.pop()!;
    if (seen.has(e)) continue;
    seen.add(e);
    const k = kinds.get(e)!;
    if (!k.perRecord) {
      if (e.k !== "const") shared.push(e);
    } else if (records.has(e) || k.level < level) values.set(e, mapped(records.get(e)!));
    else stack.push(...inputsOf(e));
  }
  const row = mapped(batch.row);
  evaluate(shared, outer);
  for (const e of shared) values.set(e, own.capture(outer.values.get(e)!));
  const time = [...[batch.epoch, batch.step].map(t => word(own.capture(t))), ...batch.trips.map(own.capture)];
  const seed = f.random ? own.capture(outer.seed()) : undefined;
  const inner: Scope = {
    building: outer.building,
    values,
    seed: () => seed ?? outer.seed(),
    when: { time, row: rowWords(row) },
  };
  const results = evaluate(made, inner);
  const args = [...inputs, ...own.captured];
  const t = g.map(
    own.close(results),
    args.map((_, i) => i < inputs.length),
    args,
  );
  made.forEach((e, i) => {
    records.set(e, mark(g.get(i, t), e.span));
  });
}
