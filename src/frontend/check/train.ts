/** train: models made nets by a loss per record and an optimizer per weight. Knows neither of the two from inside. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import type { Expr, Fn, TensorType, Train, Var, Weight } from "../core.ts";
import { report } from "../diagnostics/catalogue.ts";
import { apply, parameters } from "./apply.ts";
import * as build from "./build.ts";
import { staticOf } from "./builtin-call.ts";
import { ends, fail, Reported, say } from "./context.ts";
import { countOf, shown } from "./given.ts";
import { influence, lossFunction, lossOf } from "./loss.ts";
import { collector, nameOf, netsLike, type Part, partsOf, sharing, visit } from "./model.ts";
import { optimizersFor } from "./optimizer.ts";
import { placeOf } from "./scope.ts";
import { describe, showTensor } from "./types.ts";
import {
  type Frame,
  type Given,
  isTensor,
  type RddValue,
  recordOf,
  type Special,
  type Trainee,
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
export const trainSpecials: readonly (readonly [string, Special])[] = [
  ["train", { signature: TRAIN, call: train, poisoned: true }],
];
