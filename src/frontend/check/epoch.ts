/** What a training looks at after each epoch: validation, the row of the history, which epoch is best, and when to stop. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import { type Expr, type Fn, leaves, mapTree, type TensorType, type Train, type Tree, type Var } from "../core.ts";
import { report } from "../diagnostics/catalogue.ts";
import { apply, parameters, tensorsOf, typeTree } from "./apply.ts";
import { just } from "./arguments.ts";
import * as build from "./build.ts";
import { fail, noting, Reported } from "./context.ts";
import { type Args, textOf } from "./given.ts";
import { toExpr } from "./operate.ts";
import { describe, isFloat } from "./types.ts";
import { type Frame, type Given, isCallable, isTensor, recordOf, settled, typeOf, type Value } from "./value.ts";

/** what `m` and the losses are where nothing is trained */
export interface Measured {
  readonly m: Value;
  /** by key; one of "" where there is one loss */
  readonly losses: readonly (readonly [key: string, loss: Value])[];
  readonly vars: readonly Var[];
  readonly depth: number;
}
export type Watching = Pick<Train, "columns" | "keep"> & Partial<Pick<Train, "measure" | "by" | "stop" | "checkpoint">>;

const F32: TensorType = { k: "tensor", elem: "f32", shape: [] };
const I32: TensorType = { k: "tensor", elem: "i32", shape: [] };
type Row = Tree<TensorType>;
const leaf = (of: TensorType): Row => ({ k: "leaf", of });
/** one number, or one per key */
const lossTree = (keys: readonly string[]): Row =>
  keys.length === 1 && keys[0] === "" ? leaf(F32) : { k: "record", fields: keys.map(k => [k, leaf(F32)] as const) };

/** an argument that is there */
const given = (args: Args, name: string): Given | undefined => {
  const g = args.get(name);
  if (g?.value.k === "poison") throw new Reported();
  return g && g.value.k !== "none" ? g : undefined;
};

export function watching(f: Frame, args: Args, site: Ast.Expr, measured: Measured): Watching {
  const measure = measureOf(f, args, site, measured);
  const keys = measured.losses.map(([k]) => k);
  const fields: (readonly [string, Row])[] = [
    ["epoch", leaf(I32)],
    ["step", leaf(I32)],
    ["loss", lossTree(keys)],
    ["seconds", leaf(F32)],
    ...(measure ? [["val", typeTree(measure.body)] as const] : []),
  ];
  const row: Row = { k: "record", fields };
  const checkpoint = given(args, "checkpoint");
  const keep = keepOf(f, given(args, "keep"));
  const stop = stopOf(f, given(args, "stop"), row, site);
  const by = byOf(f, given(args, "by"), row, site, keep === "best" || stop !== undefined, args);
  // the columns of the measured are called as in the row
  const named: Fn | undefined = measure && {
    ...measure,
    body: { k: "record", fields: [["val", measure.body]] },
  };
  return {
    columns: leaves(row),
    keep,
    ...(named ? { measure: named } : {}),
    ...(by ? { by } : {}),
    ...(stop ? { stop } : {}),
    ...(checkpoint ? { checkpoint: textOf(f, "checkpoint", checkpoint) } : {}),
  };
}

/** { loss, and each metric }: means over the rows of `validate` */
function measureOf(f: Frame, args: Args, site: Ast.Expr, measured: Measured): Fn | undefined {
  const [rows, metrics] = [given(args, "validate"), given(args, "metrics")];
  if (!rows) {
    if (metrics)
      fail(f, {
        message: "metrics are computed on validation data, and there is no `validate`",
        span: metrics.whole,
        help: "validate: an rdd of records that are not trained on",
      });
    return undefined;
  }
  if (rows.value.k !== "rdd")
    return fail(f, {
      message: `\`validate\` is an rdd of records, this is ${describe(rows.value)}`,
      span: rows.span,
    });
  const { depth } = measured;
  const at: Frame = { ...f, depth, batch: undefined, over: undefined, instances: undefined };
  const mean = (name: string, fn: Value, span: Span): Value => {
    const each: Value = {
      k: "native",
      name,
      call: ([r], inner) => f.cx.call(inner, fn, just([measured.m, r!], span), site, span),
    };
    const call = just([rows.value, each], span);
    const place: Frame = { ...at, place: `${at.place}.${name}` };
    const note = { message: "here r is a record of `validate`", span: rows.span };
    const v = noting(f, note, () =>
      f.cx.call(place, { k: "builtin", name: "mean", builtin: undefined }, call, site, span),
    );
    if (v.k === "poison") throw new Reported();
    return oneNumber(f, v, name, span);
  };
  const losses = measured.losses.map(
    ([key, loss]) => [key, mean(key ? `loss ${key}` : "loss", loss, args.get("loss")!.span)] as const,
  );
  const fields: [string, Value][] = [["loss", losses[0]![0] === "" ? losses[0]![1] : recordOf(losses)]];
  for (const [name, fn] of metricsOf(f, metrics)) fields.push([name, mean(name, fn, metrics!.span)]);
  const body = tensorsOf(at, recordOf(fields), rows.span, "what is measured");
  const f32 = mapTree(body, e => build.cast(e, "f32"));
  return build.closeFn(measured.vars, f32, depth, site.span);
}
function metricsOf(f: Frame, g: Given | undefined): readonly (readonly [string, Value])[] {
  if (!g) return [];
  const help = "metrics: { accuracy: (m, r) => argmax(m(r.x)) == r.y }";
  if (g.value.k !== "record")
    return fail(f, {
      message: `\`metrics\` is a record of functions, this is ${describe(g.value)}`,
      span: g.span,
      help,
    });
  return [...g.value.fields].map(([name, fn]) => {
    if (fn.k === "poison") throw new Reported();
    if (!isCallable(fn))
      return fail(f, {
        message: `the metric \`${name}\` is a function of a model and a record, this is ${describe(fn)}`,
        span: g.span,
        help,
      });
    if (name === "loss")
      return fail(f, { message: "`loss` is measured already: another name is needed", span: g.span });
    return [name, fn] as const;
  });
}
function oneNumber(f: Frame, v: Value, name: string, span: Span): Value {
  if (isTensor(v) && typeOf(v).shape.length === 0) return v;
  return fail(f, {
    message: `${name.startsWith("loss") ? "the loss" : `the metric \`${name}\``} of one record must be one number, this is ${describe(v)}`,
    span,
    help: "mean(..)",
  });
}

function keepOf(f: Frame, g: Given | undefined): "last" | "best" {
  if (!g) return "last";
  const v = g.value;
  if (v.k === "text" && (v.text === "last" || v.text === "best")) return v.text;
  if (v.k === "text")
    return fail(f, report.unknownOption({ of: "`keep`", value: v.text, options: ["last", "best"], span: g.span }));
  return fail(f, { message: `\`keep\` is "last" or "best", this is ${describe(v)}`, span: g.span });
}
function functionOfRows(
  f: Frame,
  g: Given,
  rows: readonly Row[],
  site: Ast.Expr,
  what: string,
): { vars: readonly Var[]; value: Value } {
  if (!isCallable(g.value))
    return fail(f, { message: `\`${what}\` is a function, this is ${describe(g.value)}`, span: g.span });
  const depth = f.depth + 1;
  const params = rows.map(r => parameters(r, depth, g.span));
  const inner: Frame = { ...f, depth, batch: undefined, instances: undefined };
  const value = apply(
    inner,
    g.value,
    params.map(p => p.value),
    g.span,
    site,
    what,
  );
  if (value.k === "poison") throw new Reported();
  return { vars: params.flatMap(p => p.vars), value };
}
function stopOf(f: Frame, g: Given | undefined, row: Row, site: Ast.Expr): Fn | undefined {
  if (!g) return undefined;
  const { vars, value } = functionOfRows(f, g, [row, row], site, "stop");
  if (!isTensor(value) || typeOf(value).elem !== "bool" || typeOf(value).shape.length)
    return fail(f, {
      message: `\`stop\` gives one bool, this is ${describe(value)}`,
      span: g.span,
      help: "stop: (now, best) => now.epoch >= best.epoch + 5",
    });
  return build.closeFn(vars, { k: "leaf", of: toExpr(value, "bool", g.span) }, f.depth + 1, g.span);
}
/** `needed`: something asks for the best epoch */
function byOf(f: Frame, g: Given | undefined, row: Row, site: Ast.Expr, needed: boolean, args: Args): Fn | undefined {
  if (g && !needed)
    return fail(f, {
      message: "`by` says which epoch is the best, and nothing asks for it",
      span: g.whole,
      help: 'keep: "best", or stop: (now, best) => ..',
    });
  if (!needed) return undefined;
  if (g) {
    const { vars, value } = functionOfRows(f, g, [row], site, "by");
    if (!isTensor(value) || typeOf(value).shape.length || typeOf(value).elem === "bool")
      return fail(f, {
        message: `\`by\` gives one number, this is ${describe(value)}`,
        span: g.span,
        help: "by: e => -e.val.accuracy",
      });
    const { elem } = typeOf(value);
    const key = toExpr(value, settled(elem), g.span);
    return build.closeFn(vars, { k: "leaf", of: isFloat(elem) ? key : build.cast(key, "f64") }, f.depth + 1, g.span);
  }
  const depth = f.depth + 1;
  const { value, vars } = parameters(row, depth, site.span);
  const val = value.k === "record" ? (value.fields.get("val") ?? value) : value;
  const loss = val.k === "record" ? val.fields.get("loss") : undefined;
  if (loss?.k !== "tensor") {
    const asks = args.get("stop")?.value.k === "none" || !args.get("stop") ? args.get("keep")! : args.get("stop")!;
    return fail(f, {
      message: "with a record of losses `by` must say which epoch is the best",
      span: asks.whole,
      help: "by: e => e.loss.g",
    });
  }
  return build.closeFn(vars, { k: "leaf", of: loss.expr as Expr }, depth, site.span);
}

/** the rows of a history as a value of the type that the program sees */
export const historyRow = (net: Train): Row => nest(net.columns);
function nest(columns: readonly (readonly [path: string, type: TensorType])[]): Row {
  const fields = new Map<string, (readonly [string, TensorType])[]>();
  for (const [path, type] of columns) {
    const dot = path.indexOf(".");
    const head = dot < 0 ? path : path.slice(0, dot);
    fields.set(head, [...(fields.get(head) ?? []), [dot < 0 ? "" : path.slice(dot + 1), type]]);
  }
  return {
    k: "record",
    fields: [...fields].map(([n, own]) => [n, own[0]![0] === "" ? leaf(own[0]![1]) : nest(own)] as const),
  };
}
