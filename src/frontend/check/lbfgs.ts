/**
 * train with lbfgs(): all weights as one vector, the loss over all data as a function of it, minimised by the prelude
 * (prelude/lbfgs.hs). What comes out is a net whose weights are computed, not a training by steps.
 */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import type { Expr, Init, TensorType, Weight } from "../core.ts";
import { just } from "./arguments.ts";
import * as build from "./build.ts";
import { staticOf } from "./builtin-call.ts";
import { fail, limit, Reported } from "./context.ts";
import { productOf } from "./dims.ts";
import { type Args, countOf, simple } from "./given.ts";
import { netsLike, type Part } from "./model.ts";
import { describe, showTensor } from "./types.ts";
import {
  type Frame,
  type Given,
  number,
  type RddValue,
  recordOf,
  type Special,
  type Store,
  type Strategy,
  tensorValue,
  type Value,
} from "./value.ts";

export const isLbfgs = (v: Value): v is Strategy => v.k === "strategy" && v.name === "lbfgs";

/** what a training by steps knows of it */
interface Collected {
  readonly parts: readonly Part[];
  readonly rows: RddValue;
  readonly model: Given;
  readonly data: Given;
  readonly loss: Given;
  readonly weights: readonly Weight[];
  readonly name: string;
}
const LATER = ["validate", "metrics", "stop", "by", "clip", "freeze", "checkpoint", "carry"];

export function lbfgs(f: Frame, args: Args, how: Strategy, c: Collected, site: Ast.Expr): Value {
  const batch = args.get("batch");
  if (batch)
    return fail(f, {
      message: "lbfgs uses all data at once: it takes no `batch`",
      span: batch.whole,
      help: "leave it out",
    });
  for (const n of LATER) {
    const g = args.get(n);
    if (g && g.value.k !== "none" && !(g.value.k === "constant" && g.value.data.length === 0))
      return limit(f, `\`${n}:\` of train with lbfgs`, "sgd, adam or another optimizer with batches", g.whole);
  }
  const state = c.weights.find(w => w.state);
  if (state)
    return limit(f, `lbfgs for a model with state (${state.path})`, "layer_norm in place of batch_norm", c.model.span);
  const [elem, other] = [...new Set(c.weights.map(w => w.type.elem))];
  if (other)
    return fail(f, {
      message: `lbfgs needs weights of one element, these are ${elem} and ${other}`,
      span: c.model.span,
    });
  const steps = args.get("steps") ?? args.get("epochs");
  if (!steps) return fail(f, { message: "train needs `epochs` or `steps`", span: site.span, help: "steps: 100" });
  const places = new Map<string, { readonly from: number; readonly type: TensorType }>();
  let size = 0;
  for (const w of c.weights) {
    places.set(w.path, { from: size, type: w.type });
    size += Number(productOf(w.type.shape));
  }
  const flat: TensorType = { k: "tensor", elem: elem!, shape: [size] };
  const starts = c.weights.map(w =>
    build.op("reshape", [w.init], { ...flat, shape: [productOf(w.type.shape)] }, w.span),
  );
  const start = starts.length === 1 ? starts[0]! : build.op("concat", starts, flat, site.span, { attrs: { axis: 0 } });
  const loss = overAll(f, c, places, site);
  const minimise = f.cx.prelude.names.get("lbfgs_minimise")!.value();
  const given = [
    loss,
    tensorValue(start),
    number(countOf(f, "steps", steps)),
    number(Number(how.options["history"])),
    number(Number(how.options["tolerance"]), "decimal"),
  ];
  const found = f.cx.call(f, minimise, just(given, c.loss.span), site, c.loss.span);
  if (found.k !== "record") throw new Reported();
  const w = found.fields.get("w");
  if (w?.k !== "tensor") throw new Reported();
  const net: Init = {
    k: "init",
    id: build.nextId(),
    name: f.naming ?? c.name,
    weights: c.weights.map(x => ({ ...x, init: part(w.expr, places.get(x.path)!, x.span) })),
    span: site.span,
  };
  f.cx.nets.push(net);
  return netsLike(c.model.value, net, c.parts);
}
/** a weight of the vector of all */
function part(vector: Expr, { from, type }: { readonly from: number; readonly type: TensorType }, span: Span): Expr {
  const size = productOf(type.shape);
  const attrs = { start: [from], step: [1], size: [size] };
  const cut = build.op("slice", [vector], { ...type, shape: [size] }, span, { attrs });
  return build.op("reshape", [cut], type, span);
}
/** vector => the mean of the losses of all records */
function overAll(
  f: Frame,
  c: Collected,
  places: ReadonlyMap<string, { readonly from: number; readonly type: TensorType }>,
  site: Ast.Expr,
): Value {
  const { span } = c.loss;
  return {
    k: "native",
    name: "loss",
    call: ([vector], inner) => {
      if (vector?.k !== "tensor") throw new Reported();
      const made = new Map<string, Expr>();
      const store: Store = {
        training: true,
        alone: false,
        sites: new Map(),
        weight: (path, type, at) => {
          const own = places.get(path);
          if (!own) throw new Error(`internal: lbfgs met a new weight ${path}: ${showTensor(type)}`);
          const e = made.get(path) ?? part(vector.expr, own, at);
          made.set(path, e);
          return e;
        },
      };
      const trainees = c.parts.map(
        p =>
          [p.key, { k: "trainee", model: p.model, instances: { prefix: p.key, root: p.model.body, store } }] as const,
      );
      const m: Value = c.model.value.k === "record" ? recordOf(trainees) : trainees[0]![1];
      const each: Value = {
        k: "native",
        name: "loss",
        call: ([r], at) => f.cx.call(at, c.loss.value, just([m, r!], span), site, span),
      };
      const mean: Value = { k: "builtin", name: "mean", builtin: undefined };
      return f.cx.call(inner, mean, just([c.rows, each], span), site, span);
    },
  };
}

function optimizer(f: Frame, args: Args): Value {
  const history = args.get("history");
  const tolerance = args.get("tolerance");
  const bound = tolerance ? staticOf(f, tolerance.value, tolerance.span, "`tolerance`") : 1e-6;
  if (typeof bound !== "number" || !(bound >= 0))
    return fail(f, {
      message: `\`tolerance\` is a number, this is ${describe(tolerance!.value)}`,
      span: tolerance!.span,
    });
  return {
    k: "strategy",
    name: "lbfgs",
    options: { history: history ? countOf(f, "history", history) : 10, tolerance: bound },
  };
}
export const lbfgsSpecials: readonly (readonly [string, Special])[] = [
  simple("lbfgs(history = 10, tolerance = 1e-6)", optimizer),
];
