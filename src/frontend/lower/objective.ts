/**
 * The loss of a training over all of its rows, its gradients, and what states become: one aggregate, or, where the loss of a row looks at the others,
 * one batch of all rows. What is random in it is drawn as in the first epoch, each time: it is one function. Knows no optimizer.
 */
import type { Node } from "../../ir/node.ts";
import { shapeAt } from "../../ir/ops/attrs.ts";
import * as g from "../../ir/ops/index.ts";
import { N, numbers, tensor } from "../../ir/type.ts";
import type { Dim } from "../check/dims.ts";
import { type Expr, leaves, type Op } from "../core.ts";
import { columnType, rowFn, rowOf } from "./rdd.ts";
import { bindCaptures, type Closing, closing, evaluate, extent, mark, NEVER, nodeOf, type Scope } from "./scope.ts";
import { differentiated } from "./step.ts";

export function objective(e: Op, args: readonly Node[], scope: Scope): Node {
  const [rdd, ...weights] = args as readonly [Node, ...Node[]]; // by check
  const moved = e.attrs["moved"] as readonly number[]; // by check
  const rows = e.attrs["rows"];
  if (rows === undefined) return byRow(e, rdd, weights, moved, scope);
  return atOnce(e, rdd, weights, moved, extent(rows as Dim, scope.building, e.span), scope); // as: by check
}
/** the captures and the seed of f inside of `own` */
function inside(e: Op, own: Closing, scope: Scope): Scope {
  const f = e.fns["f"]!;
  const values = new Map<Expr, Node>();
  bindCaptures(f, scope, own, values);
  const seed = f.random ? own.capture(scope.seed()) : undefined;
  return { building: scope.building, values, seed: () => seed ?? scope.seed(), when: NEVER };
}

function byRow(e: Op, rdd: Node, weights: readonly Node[], moved: readonly number[], scope: Scope): Node {
  const f = e.fns["f"]!;
  const own = closing();
  const at = new Map(moved.map(i => [i, own.parameter(weights[i]!.type)]));
  const ws = weights.map((w, i) => at.get(i) ?? own.capture(w));
  const rows = own.capture(rdd);
  const inner = inside(e, own, scope);
  const [, ...next] = leaves(f.body).map(([, x]) => x);
  const [[, loss]] = leaves(f.body) as [readonly [string, Expr]]; // as: the loss is the first
  const each = rowFn({ ...f, body: { k: "leaf", of: loss } }, inner, undefined, ws);
  const mean = g.aggregate(each.fn, "mean", each.identity, rows, each.captures);
  // what states become hangs on no row here: on weights and states
  const columns = f.params.length - weights.length;
  const values = new Map<Expr, Node>([
    ...f.params.slice(columns).map((p, i) => [p, ws[i]!] as const),
    ...f.captures.map(c => [c, nodeOf(c, inner)] as const),
  ]);
  const results = [mark(mean, e.span), ...evaluate(next, { ...inner, values })];
  const given = [...moved.map(i => weights[i]!), ...own.captured];
  const closed = own.close(results);
  const wrt = moved.map((_, i) => i);
  return moved.length ? g.grad(closed, wrt, given) : g.call(closed, given);
}

/** a pass of one step, of which the results are the states */
function atOnce(
  e: Op,
  rdd: Node,
  weights: readonly Node[],
  moved: readonly number[],
  rows: number,
  scope: Scope,
): Node {
  if (e.type.k !== "tuple") throw new Error("internal: an objective gives a tuple");
  const f = e.fns["f"]!;
  const next = leaves(f.body).length - 1;
  const own = closing();
  const columns = Object.values(rowOf(rdd).row).map(c => {
    const t = columnType(c, e.span);
    return own.parameter(tensor(t.elem, [N, ...t.shape]));
  });
  const row = own.parameter(tensor("u32", [N, 2]));
  const results = leaves(f.body).map(([, x]) => x.type);
  const types = e.type.of.map((t, i) => {
    const shape =
      i < results.length
        ? t.shape.map(d => extent(d, scope.building, e.span))
        : numbers(shapeAt(weights[moved[i - results.length]!]!));
    return tensor(t.elem === "bool" ? "bool" : (t.elem as "f32"), shape);
  });
  for (const t of types) own.parameter(t);
  const [epoch, step] = [own.parameter(tensor("i32")), own.parameter(tensor("i32"))];
  const inner: Scope = { ...inside(e, own, scope), when: { time: [], row: [] } };
  const made = differentiated(
    f,
    moved,
    next,
    { columns, row, epoch, step, trips: [] },
    weights.map(own.capture),
    inner,
  );
  const attrs: g.BatchesAttrs = {
    ...g.onePass("", own.close(made), types.length, 0, 0),
    batch: Math.max(1, rows),
  };
  // of no rows there is no mean
  const starts = types.map(t => g.full(t.elem === "bool" || t.elem === "i32" ? 0 : Number.NaN, t.elem, t.shape));
  return g.batches(attrs, rdd, g.noSeed(), starts, own.captured);
}
