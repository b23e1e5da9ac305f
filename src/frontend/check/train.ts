/** train, init, load: models made nets. What trains is a loss per record over the weights, and an optimizer per weight. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import {
  type Expr,
  type Fn,
  inputsOf,
  leaves,
  mapTree,
  type Net,
  type Optimizer,
  type TensorType,
  type Train,
  type Tree,
  type Var,
  type Weight,
} from "../core.ts";
import { report } from "../diagnostics/catalogue.ts";
import { apply, parameters, tensorsOf, valueOfTree } from "./apply.ts";
import * as build from "./build.ts";
import { staticOf } from "./builtin-call.ts";
import { ends, fail, limit, Reported, say } from "./context.ts";
import { sameDims } from "./dims.ts";
import { collector, netsLike, type Part, partsOf, sharing, visit } from "./model.ts";
import { countOf, shown, textOf } from "./rdd.ts";
import { placeOf } from "./scope.ts";
import { describe, isFloat, showTensor } from "./types.ts";
import {
  type Frame,
  type Given,
  isCallable,
  isTensor,
  type RddValue,
  type RecordValue,
  recordOf,
  type Special,
  type Trainee,
  tensorValue,
  typeOf,
  type Value,
} from "./value.ts";

type Args = ReadonlyMap<string, Given>;
const TRAIN =
  'train(model, data, loss, optimizer, batch = 32, epochs = none, steps = none, shuffle = true, validate = none, metrics = none, stop = none, by = none, keep = "last", freeze = [], clip = none, checkpoint = none, carry = none, strategy = all_reduce())';
const LATER: Readonly<Record<string, string>> = {
  validate: "leave it out, and print mean(data, r => loss) after the training",
  metrics: "leave it out, and print them after the training",
  stop: "epochs: or steps: with a number",
  by: "leave it out: the last weights are kept",
  keep: "leave it out: the last weights are kept",
  freeze: "leave it out: all weights are trained",
  clip: "leave it out, or clip in an optimizer of your own",
  checkpoint: "leave it out, and save the net",
  carry: "leave it out: each record is on its own",
};

const isDefault = (name: string, v: Value): boolean =>
  v.k === "none" ||
  (name === "keep" && v.k === "text" && v.text === "last") ||
  (name === "freeze" && v.k === "constant" && v.data.length === 0);

function train(f: Frame, args: Args, site: Ast.Expr): Value {
  notYet(f, args);
  const [model, data, loss, optimizer] = ["model", "data", "loss", "optimizer"].map(n => args.get(n)!);
  // independent mistakes are all said
  const parts = attempt(f, () => partsOf(f, model!, "train"));
  const rows = attempt(f, () => rowsOf(f, data!, site));
  const how = attempt(f, () => options(f, args, site));
  if (!parts || !rows) throw new Reported();
  const inner: Frame = { ...f, place: placeOf(f, site) };
  const made = perRecord(inner, { parts, rows, model: model!, data: data!, loss: loss!, site });
  const name = nameOf(parts);
  if (made.weights.length === 0) return fail(f, { message: `${name} has no weights to train`, span: model!.span });
  const right = attempt(f, () => influence(f, made.body, made.weights, name, loss!.span) ?? true);
  const optimizers = attempt(f, () => optimizersFor(inner, optimizer!, made.weights, site));
  if (!how || !right || !optimizers) throw new Reported();
  const net: Train = {
    k: "train",
    id: build.nextId(),
    name: f.naming ?? name,
    weights: made.weights.map(w => ({ ...w, optimizer: optimizers.get(showTensor(w.type))! })),
    rows: rows.expr,
    loss: made.loss,
    ...how,
    place: inner.place,
    span: site.span,
  };
  f.cx.nets.push(net);
  return netsLike(model!.value, net, parts);
}
function attempt<T>(f: Frame, run: () => T): T | undefined {
  try {
    return run();
  } catch (e) {
    if (ends(f, e)) return undefined;
    throw e;
  }
}
function notYet(f: Frame, args: Args): void {
  for (const [name, instead] of Object.entries(LATER)) {
    const g = args.get(name);
    const what = `\`${name}:\` of train`;
    if (g && g.value.k !== "poison" && !isDefault(name, g.value))
      say(f, report.limit({ what, instead, span: g.whole }));
  }
}
function rowsOf(f: Frame, g: Given, site: Ast.Expr): RddValue {
  if (g.value.k === "poison") throw new Reported();
  if (g.value.k !== "rdd")
    return fail(f, {
      message: `train takes an rdd of records, this is ${describe(g.value)}`,
      span: g.span,
      ...(isTensor(g.value) ? { help: `rows(${shown(f, g.span)})` } : {}),
    });
  if (f.over !== undefined || f.depth > 0)
    return fail(f, {
      message: "train for each record of an rdd",
      span: site.span,
      help: "a list that is known when compiling is unrolled: grid({ .. }) |> map(h => train(..))",
    });
  return g.value;
}
interface Training {
  readonly parts: readonly Part[];
  readonly rows: RddValue;
  readonly model: Given;
  readonly data: Given;
  readonly loss: Given;
  readonly site: Ast.Expr;
}
/** the loss of one record, and the weights that the model makes on the way */
function perRecord(f: Frame, t: Training): { loss: Fn; body: Expr; weights: readonly (Weight & { at: Var })[] } {
  const depth = f.depth + 1;
  const variable = (path: string, type: TensorType, span: Span): Expr => build.variable(path, type, depth, span);
  const store = collector("train", variable, startOf(t.parts));
  const trainees = t.parts.map((p): readonly [Part, Trainee] => [
    p,
    { k: "trainee", model: p.model, instances: { prefix: p.key, root: p.model.body, store } },
  ]);
  // every weight is met in the order of the text, also of a part that the loss does not read
  for (const [p, trainee] of trainees)
    if (p.model.kind === "model") visit(f, p.model, trainee.instances, t.model.span, t.site);
  const m: Value =
    t.model.value.k === "record" ? recordOf(trainees.map(([p, x]) => [p.key, x] as const)) : trainees[0]![1];
  const row = parameters(t.rows.expr.type.row, depth, t.data.span, t.rows.sources);
  const inner: Frame = { ...f, depth, over: f.cx.text(t.data.span), outside: "rdd", instances: undefined };
  const value = sharing(f, () => apply(inner, lossFunction(f, t.loss), [m, row.value], t.loss.span, t.site, "loss"));
  if (value.k === "poison") throw new Reported();
  const body = lossOf(f, value, t.loss);
  const weights = store.weights.map(w => ({ ...w, at: w.at as Var }));
  const params = [...row.vars, ...weights.map(w => w.at)];
  return { loss: build.closeFn(params, { k: "leaf", of: body }, depth, t.loss.span), body, weights };
}
/** one for each type of weight, by its text */
function optimizersFor(f: Frame, g: Given, weights: readonly Weight[], site: Ast.Expr): ReadonlyMap<string, Optimizer> {
  const out = new Map<string, Optimizer>();
  for (const w of weights) {
    const key = showTensor(w.type);
    if (!out.has(key)) out.set(key, optimizerFor(f, g, w.type, site));
  }
  return out;
}
const nameOf = (parts: readonly Part[]): string => parts.map(p => p.model.name ?? "the model").join(", ");
/** a net continues from its weights */
function startOf(parts: readonly Part[]): (path: string, type: TensorType, span: Span) => Expr | undefined {
  return (path, _, span) => {
    for (const p of parts) {
      if (!p.from) continue;
      const inside = p.key === "" ? path : path.startsWith(`${p.key}.`) ? path.slice(p.key.length + 1) : undefined;
      if (inside === undefined) continue;
      const old = p.from.prefix ? `${p.from.prefix}.${inside}` : inside;
      const w = p.from.net.weights.find(x => x.path === old);
      if (w) return build.weightLeaf(p.from.net, old, w.type, span);
    }
    return undefined;
  };
}
type Options = Pick<Train, "batch" | "epochs" | "steps" | "shuffle" | "strategy">;
function options(f: Frame, args: Args, site: Ast.Expr): Options {
  const given = (n: string): Given | undefined => {
    const g = args.get(n);
    if (g?.value.k === "poison") throw new Reported();
    return g && g.value.k !== "none" ? g : undefined;
  };
  const [batch, epochs, steps] = ["batch", "epochs", "steps"].map(n => {
    const g = given(n);
    return attempt(f, () => ({ value: g && countOf(f, n, g) }));
  });
  const shuffle = attempt(f, () => shuffleOf(f, given("shuffle")));
  const strategy = attempt(f, () => strategyOf(f, given("strategy")));
  if (!batch || !epochs || !steps || shuffle === undefined || !strategy) throw new Reported();
  if (epochs.value === undefined && steps.value === undefined)
    return fail(f, { message: "train needs `epochs` or `steps`", span: site.span, help: "epochs: 10" });
  if (epochs.value !== undefined && steps.value !== undefined)
    return fail(f, { message: "train takes `epochs` or `steps`, both are given", span: args.get("steps")!.whole });
  return { batch: batch.value ?? 32, epochs: epochs.value, steps: steps.value, shuffle, strategy };
}
function shuffleOf(f: Frame, g: Given | undefined): boolean {
  if (!g) return true;
  const s = staticOf(f, g.value, g.span, "`shuffle`");
  if (typeof s === "boolean") return s;
  return fail(f, { message: `\`shuffle\` is true or false, this is ${describe(g.value)}`, span: g.span });
}
function strategyOf(f: Frame, g: Given | undefined): Train["strategy"] {
  if (!g) return { name: "all_reduce", options: {} };
  if (g.value.k === "strategy") return { name: g.value.name, options: g.value.options };
  return fail(f, {
    message: `\`strategy\` is all_reduce(), average(every) or easgd(every), this is ${describe(g.value)}`,
    span: g.span,
  });
}
function lossFunction(f: Frame, g: Given): Value {
  const v = g.value;
  if (v.k === "record") return limit(f, "a record of losses", "one loss: their sum", g.span);
  if (!isCallable(v))
    return fail(f, {
      message: `the loss is a function of a model and a record, this is ${describe(v)}`,
      span: g.span,
      help: "loss: (m, r) => cross_entropy(m(r.x), r.y)",
    });
  return v;
}
/** 13: one float */
function lossOf(f: Frame, v: Value, g: Given): Expr {
  const body = g.value.k === "closure" && !f.cx.preludeFiles.has(g.value.body.span.file) ? g.value.body.span : g.span;
  if (v.k === "record") return limit(f, "a loss that is a record", "one number", body);
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
function influence(
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
/** `{ init, step }` for one type of weight */
function optimizerFor(f: Frame, g: Given, type: TensorType, site: Ast.Expr): Optimizer {
  const o = optimizerRecord(f, g);
  const outer: Frame = { ...f, instances: undefined };
  const depth = f.depth + 1;
  const inner: Frame = { ...outer, depth };
  const w = parameters({ k: "leaf", of: type }, depth, g.span);
  const made = apply(inner, o.fields.get("init")!, [w.value], g.span, site, "init");
  if (made.k === "poison") throw new Reported();
  // a number alone is a slot of one number, as f32
  const state = tensorsOf(f, made, g.span, "the state of an optimizer");
  const init: Fn = build.closeFn(w.vars, state, depth, g.span);
  const types = mapTree(state, e => e.type as TensorType);
  const slots = leaves(types);

  const weight = build.variable("w", type, depth, g.span);
  const slope = build.variable("g", type, depth, g.span);
  const held = parameters(types, depth, g.span);
  const [step, epoch] = ["step", "epoch"].map(n =>
    build.variable(n, { k: "tensor", elem: "i32", shape: [] }, depth, g.span),
  );
  const t = recordOf([
    ["step", tensorValue(step!)],
    ["epoch", tensorValue(epoch!)],
  ]);
  const next = apply(
    inner,
    o.fields.get("step")!,
    [tensorValue(weight), tensorValue(slope), held.value, t],
    g.span,
    site,
    "step",
  );
  if (next.k === "poison") throw new Reported();
  const body = nextOf(f, next, type, types, g.span);
  return { init, step: build.closeFn([weight, slope, ...held.vars, step!, epoch!], body, depth, g.span), slots };
}
function optimizerRecord(f: Frame, g: Given): RecordValue {
  const v = g.value;
  const help = "adam(1e-3), or { init: w => .., step: (w, g, s, t) => { w: .., s: .. } }";
  if (v.k === "closure" && v.kind === "fn")
    return fail(f, {
      message: `${v.name} is a function that makes an optimizer: call it`,
      span: g.span,
      help: `${v.name}(..)`,
    });
  if (v.k !== "record")
    return fail(f, { message: `the optimizer is a record { init, step }, this is ${describe(v)}`, span: g.span, help });
  for (const n of ["init", "step"]) {
    const x = v.fields.get(n);
    if (!x) return fail(f, { message: `the optimizer has no \`${n}\``, span: g.span, help });
    if (x.k === "poison") throw new Reported();
    if (!isCallable(x))
      return fail(f, { message: `\`${n}\` of an optimizer is a function, this is ${describe(x)}`, span: g.span, help });
  }
  return v;
}
/** { w, s } of a step: the weight and the state keep their types */
function nextOf(f: Frame, v: Value, type: TensorType, slots: Tree<TensorType>, span: Span): Tree<Expr> {
  const help = "step: (w, g, s, t) => { w: .., s: .. }";
  if (v.k !== "record" || !v.fields.has("w") || !v.fields.has("s"))
    return fail(f, { message: `the step of an optimizer gives { w, s }, this gives ${describe(v)}`, span, help });
  const w = kept(f, { k: "leaf", of: type }, tensorsOf(f, v.fields.get("w")!, span, "the weight"), "the weight", span);
  const s = kept(f, slots, tensorsOf(f, v.fields.get("s")!, span, "the state of an optimizer"), "the state", span);
  return {
    k: "record",
    fields: [
      ["w", w],
      ["s", s],
    ],
  };
}
function kept(f: Frame, was: Tree<TensorType>, is: Tree<Expr>, what: string, span: Span): Tree<Expr> {
  const differ = (): never =>
    fail(f, {
      message: `${what} changes its type in the step of the optimizer: ${describe(valueOfTypes(was))} becomes ${describe(valueOfTree(is))}`,
      span,
    });
  if (was.k === "record") {
    if (is.k !== "record" || is.fields.length !== was.fields.length) return differ();
    return {
      k: "record",
      fields: was.fields.map(
        ([n, t]) => [n, kept(f, t, is.fields.find(([m]) => m === n)?.[1] ?? differ(), what, span)] as const,
      ),
    };
  }
  if (is.k === "record") return differ();
  const t = is.of.type as TensorType;
  if (!sameDims(t.shape, was.of.shape)) return differ();
  if (t.elem === was.of.elem) return is;
  // a literal or an integer made the element wider: the state keeps its own
  return isFloat(t.elem) && isFloat(was.of.elem) ? { k: "leaf", of: build.cast(is.of, was.of.elem) } : differ();
}
const valueOfTypes = (t: Tree<TensorType>): Value =>
  valueOfTree(mapTree(t, x => build.variable("", x, 0, { file: "", start: 0, end: 0, line: 1, column: 1 })));

// --- nets without training

function made(
  f: Frame,
  g: Given,
  what: string,
  site: Ast.Expr,
  seed: Value | undefined,
): { weights: readonly Weight[]; parts: readonly Part[] } {
  const parts = partsOf(f, g, what);
  const depth = f.depth + 1;
  const store = collector("net", (path, type, span) => build.variable(path, type, depth, span));
  const inner: Frame = { ...f, place: placeOf(f, site), seed };
  for (const p of parts) {
    if (p.from) return fail(f, { message: `${what} takes a model, this has weights already`, span: g.span });
    const instances = { prefix: p.key, root: p.model.body, store };
    if (!visit(inner, p.model, instances, g.span, site))
      return fail(f, {
        message: `${what} needs a model with full types, this is ${describe(p.model)}`,
        span: g.span,
        help: "model Name(x: f32[28, 28]) -> f32[10] = ..",
      });
  }
  return { weights: store.weights.map(({ at: _, ...w }) => w), parts };
}
function init(f: Frame, args: Args, site: Ast.Expr): Value {
  const g = args.get("model")!;
  const seed = args.get("seed");
  if (seed?.value.k === "poison") throw new Reported();
  const { weights, parts } = made(f, g, "init", site, seed && seed.value.k !== "none" ? seed.value : undefined);
  const net: Net = { k: "init", id: build.nextId(), name: nameOf(parts), weights, span: site.span };
  f.cx.nets.push(net);
  return netsLike(g.value, net, parts);
}
function load(f: Frame, args: Args, site: Ast.Expr): Value {
  const g = args.get("model")!;
  const path = textOf(f, "path", args.get("path")!);
  const at = args.get("path")!.span;
  const p = args.get("partial");
  const partial = p ? staticOf(f, p.value, p.span, "`partial`") : false;
  if (typeof partial !== "boolean")
    return fail(f, { message: `\`partial\` is true or false, this is ${describe(p!.value)}`, span: p!.span });
  const format = /\.([A-Za-z0-9]+)$/.exec(path)?.[1] ?? "";
  if (["onnx", "caffemodel"].includes(format)) return limit(f, `reading .${format}`, "a .safetensors file", at);
  if (format !== "safetensors")
    return fail(f, { message: `load reads .safetensors, this is ${JSON.stringify(path)}`, span: at });
  const { weights, parts } = made(f, g, "load", site, undefined);
  const net: Net = {
    k: "load",
    id: build.nextId(),
    name: nameOf(parts),
    path,
    format,
    partial,
    weights,
    span: site.span,
  };
  f.cx.nets.push(net);
  return netsLike(g.value, net, parts);
}
const simple = (signature: string, call: Special["call"]): readonly [string, Special] => [
  signature.slice(0, signature.indexOf("(")),
  { signature, call },
];
export const trainSpecials: readonly (readonly [string, Special])[] = [
  ["train", { signature: TRAIN, call: train, poisoned: true }],
  simple("init(model, seed = none)", init),
  simple("load(model, path, partial = false)", load),
];
