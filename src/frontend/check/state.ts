/** State of layers, and all records of a batch at once: what a step reads, and what it leaves behind. Knows no optimizer. */
import type * as Ast from "../ast.ts";
import { type Expr, inputsOf, type TensorType } from "../core.ts";
import * as build from "./build.ts";
import { fail, placed, Reported } from "./context.ts";
import { BATCH } from "./dims.ts";
import { type Args, shown, simple } from "./given.ts";
import { initial, weightType } from "./layer.ts";
import { toExpr } from "./operate.ts";
import { childScope, known } from "./scope.ts";
import { describe } from "./types.ts";
import { type Frame, isTensor, type Special, settled, tensorValue, typeOf, type Value } from "./value.ts";

/** `state m: T = init then next`: the value before the step */
export function declareState(f: Frame, item: Ast.State): Value {
  const i = f.instances;
  if (!i) throw new Reported();
  const { path, type } = weightType(f, item, "a state");
  if (i.store.step && f.batch !== f.depth)
    return fail(f, {
      message: `the state ${path} inside a function of map, scan or fold`,
      span: item.span,
      help: "call the layer on all of it at once",
    });
  const init = (): Expr => {
    const { depth } = i.store;
    const outer: Frame = { ...f, depth, over: undefined, batch: undefined, place: `${f.place}.${item.name.text}` };
    const v = f.cx.evaluate(item.init, outer);
    if (v.k === "poison") throw new Reported();
    return initial(outer, v, type, item, "its first value", depth);
  };
  return tensorValue(i.store.weight(path, type, placed(f, item.span), init, true));
}
/** in a loss: evaluates `next`, in which the name is what an earlier call of the instance in this step made of it */
export function stepState(f: Frame, item: Ast.State, before: Value): void {
  const step = f.instances?.store.step;
  if (!step || before.k !== "tensor") return;
  const { path, type } = weightType(f, item, "a state");
  const scope = childScope(f.scope);
  const now = step.next.get(path);
  scope.names.set(item.name.text, known(item.name.text, item.name.span, now ? tensorValue(now) : before));
  const v = f.cx.evaluate(item.next, { ...f, scope });
  if (v.k === "poison") throw new Reported();
  const next = initial(f, v, type, { ...item, init: item.next }, "its next value", f.depth);
  const record = onRecord(next, f.depth, step.own);
  if (record)
    fail(f, {
      message: `the next value of the state ${path} hangs on one record`,
      span: item.next.span,
      help: "over_batch(x) is x of all records of the step: mean(over_batch(x), axis: 0)",
    });
  step.next.set(path, next);
}

/** whether a value in a loss hangs on one record: not only through over_batch, on weights and states */
function onRecord(root: Expr, depth: number, own: ReadonlySet<Expr>): boolean {
  const stack = [root];
  const seen = new Set<Expr>();
  while (stack.length) {
    const e = stack.pop()!;
    if (seen.has(e) || e.depth < depth || own.has(e)) continue;
    seen.add(e);
    if (e.k === "var" || (e.k === "op" && e.place !== undefined)) return true;
    if (e.k === "op" && (e.op === "over_batch" || Object.values(e.fns).some(fn => fn.random))) {
      if (e.op === "over_batch") continue;
      return true;
    }
    stack.push(...inputsOf(e));
  }
  return false;
}

function overBatch(f: Frame, args: Args, site: Ast.Expr): Value {
  const g = args.get("x")!;
  if (g.value.k === "poison") throw new Reported();
  if (!isTensor(g.value))
    return fail(f, { message: `over_batch takes a tensor, this is ${describe(g.value)}`, span: g.span });
  if (f.batch === undefined || (f.instances && !f.instances.store.training))
    return fail(f, {
      message: "`over_batch` without a batch: only the loss of a training has one",
      span: site.span,
      help: `if training then .. over_batch(${shown(f, g.span)}) .. else ..`,
    });
  if (f.batch !== f.depth)
    return fail(f, {
      message: "`over_batch` inside a function of map, scan, fold or grad",
      span: site.span,
      help: "call it on all of it at once",
    });
  const t = typeOf(g.value);
  const x = toExpr(g.value, settled(t.elem), g.span);
  const type: TensorType = { k: "tensor", elem: t.elem, shape: [BATCH, ...t.shape] };
  return tensorValue(build.op("over_batch", [x], type, placed(f, site.span), { depth: f.depth }));
}
export const batchSpecials: readonly (readonly [string, Special])[] = [simple("over_batch(x)", overBatch)];
