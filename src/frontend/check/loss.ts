/** The loss of a training: one float per record, and some weight that reaches it through gradients. */
import type { Span } from "../../ir/node.ts";
import { type Expr, inputsOf, leaves, type TensorType, type Var } from "../core.ts";
import { report } from "../diagnostics/catalogue.ts";
import { fail, Reported } from "./context.ts";
import { describe, isFloat, showTensor } from "./types.ts";
import { type Frame, type Given, isCallable, isTensor, typeOf, type Value } from "./value.ts";

/** the loss, under the key "", or the losses of a record of models by their keys */
export function lossFunctions(
  f: Frame,
  g: Given,
  models: readonly string[],
): readonly (readonly [key: string, loss: Value])[] {
  const v = g.value;
  if (v.k === "poison") throw new Reported();
  if (v.k !== "record") return [["", lossFunction(f, g)]];
  if (v.fields.size === 0) return fail(f, { message: "a record of losses without a loss", span: g.span });
  return [...v.fields].map(([key, loss]) => {
    if (!models.includes(key))
      return fail(f, {
        message: `there is a loss for \`${key}\`, and no model of that name`,
        span: g.span,
        ...(models[0] === ""
          ? { help: `train({ ${[...v.fields.keys()].join(": .., ")}: .. }, ..), or one loss` }
          : { notes: [{ message: `models: ${models.join(", ")}` }] }),
      });
    if (loss.k === "poison") throw new Reported();
    return [key, lossFunction(f, { ...g, value: loss })];
  });
}
function lossFunction(f: Frame, g: Given): Value {
  const v = g.value;
  if (!isCallable(v))
    return fail(f, {
      message: `the loss is a function of a model and a record, this is ${describe(v)}`,
      span: g.span,
      help: "loss: (m, r) => cross_entropy(m(r.x), r.y)",
    });
  return v;
}
/** 13: one float */
export function lossOf(f: Frame, v: Value, g: Given): Expr {
  const body = g.value.k === "closure" && !f.cx.preludeFiles.has(g.value.body.span.file) ? g.value.body.span : g.span;
  if (v.k === "record") return fail(f, report.lossNotScalar({ type: describe(v), span: body, help: partsOfLoss(v) }));
  if (!isTensor(v)) return fail(f, report.lossNotScalar({ type: describe(v), span: body }));
  const t = typeOf(v);
  if (t.shape.length) return fail(f, report.lossNotScalar({ type: showTensor(t), span: body, help: lossHelp(f, g) }));
  if (!isFloat(t.elem))
    return fail(
      f,
      report.lossNotScalar({
        type: showTensor(t),
        span: body,
        help: `f32(..) makes a number of ${t.elem === "bool" ? "a bool" : "it"}`,
      }),
    );
  if (v.k === "constant") return fail(f, { message: "the loss is a constant: no weight influences it", span: body });
  return v.expr;
}
/** what else a loss may tell goes elsewhere */
function partsOfLoss(v: Extract<Value, { k: "record" }>): string {
  if (v.fields.has("loss") && v.fields.has("carry"))
    return "train(.., carry: c0), where loss is (m, r, c) => { loss: .., carry: .. }";
  return "metrics: { name: (m, r) => .. } reports other numbers; loss: { g: (m, r) => .., d: .. } is of a record of models";
}
/** (a - b)^2 is mse(a, b); anything else wants a mean */
function lossHelp(f: Frame, g: Given): string {
  const body = g.value.k === "closure" ? g.value.body : undefined;
  if (
    body?.k === "power" &&
    body.exponent.k === "number" &&
    body.exponent.value === 2 &&
    body.base.k === "chain" &&
    body.base.rest.length === 1 &&
    body.base.rest[0]!.op === "-"
  )
    return `mean(..), or mse(${f.cx.text(body.base.first.span)}, ${f.cx.text(body.base.rest[0]!.right.span)})`;
  return "mean(..)";
}

/** 14: some weight must reach the loss through ops that have a gradient */
export function influence(
  f: Frame,
  loss: Expr,
  weights: readonly { readonly at: Var }[],
  model: string,
  span: Span,
): undefined {
  const own = new Set<Expr>(weights.map(w => w.at));
  // from the loss towards the weights: what stops a gradient is the start of the next round
  const stopped = new Map<Expr, Expr | undefined>();
  let round: readonly (readonly [from: Expr, behind: Expr | undefined])[] = [[loss, undefined]];
  const seen = new Set<Expr>();
  while (round.length) {
    const next: [Expr, Expr][] = [];
    const stack = [...round];
    while (stack.length) {
      const [e, behind] = stack.pop()!;
      if (own.has(e)) {
        if (behind) noGradient(f, behind, stopped.get(behind), model);
        return undefined;
      }
      if (seen.has(e)) continue;
      seen.add(e);
      const flat = isFlat(f, e);
      if (flat) stopped.set(e, behind);
      for (const x of readBy(e)) flat ? next.push([x, e]) : stack.push([x, behind]);
    }
    round = next;
  }
  return fail(f, {
    message: `no weight of ${model} influences the loss`,
    span,
    help: "the loss calls the model: (m, r) => cross_entropy(m(r.x), r.y)",
  });
}
const readBy = (e: Expr): readonly Expr[] =>
  e.k === "op"
    ? [...inputsOf(e), ...Object.values(e.fns).flatMap(fn => leaves(fn.body).map(([, x]) => x))]
    : inputsOf(e);
/** `around`: the comparison that reads it, if one does */
function noGradient(f: Frame, e: Expr, around: Expr | undefined, model: string): never {
  const word = /^[A-Za-z_]\w*/.exec(f.cx.text(e.span))?.[0];
  const op = e.k === "op" ? e.op : "";
  const named = word !== undefined && !(op in SIGNS);
  const at = named ? { ...e.span, end: e.span.start + word.length } : e.span;
  const right = around && /(?:==|!=)\s*(.+)$/.exec(f.cx.text(around.span))?.[1];
  const arg = /^argmax\((.+)\)$/.exec(f.cx.text(e.span))?.[1];
  const help =
    arg && right
      ? `cross_entropy(${arg}, ${right}); give accuracy as metrics: { accuracy: .. }`
      : "a loss is made of functions with a gradient: cross_entropy, mse, ..";
  return fail(f, report.noGradient({ model, cause: named ? word : (SIGNS[op] ?? op), span: at, help }));
}
const SIGNS: Readonly<Record<string, string>> = { eq: "==", ne: "!=", lt: "<", le: "<=", gt: ">", ge: ">=" };
/** comparisons, and builtins that say so */
const isFlat = (f: Frame, e: Expr): boolean =>
  e.k === "op" &&
  (e.op in SIGNS ||
    e.op === "stop_gradient" ||
    e.op === "floordiv" ||
    (e.op === "cast"
      ? !isFloat((e.type as TensorType).elem)
      : [...f.cx.builtins.values()].some(b => b.op === e.op && b.flat && b.op !== "cast")));
