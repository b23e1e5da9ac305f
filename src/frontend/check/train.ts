/** train: models made nets by a loss per record and an optimizer per weight. Knows neither of the two from inside. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import { type Expr, type Fn, leaves, type TensorType, type Train, type Tree, type Var, type Weight } from "../core.ts";
import { inner } from "../inner-train.ts";
import { apply, parameters, tensorsOf, typeTree } from "./apply.ts";
import { just } from "./arguments.ts";
import * as build from "./build.ts";
import { ends, fail, Reported } from "./context.ts";
import { type Measured, watching } from "./epoch.ts";
import { type Args, dimOf, shown } from "./given.ts";
import { isLbfgs, lbfgs, refuseBatches } from "./lbfgs.ts";
import { influence, lossFunctions, lossOf } from "./loss.ts";
import { collector, measuring, nameOf, netsLike, type Part, partsOf, sharing, visit } from "./model.ts";
import { toExpr } from "./operate.ts";
import { checkPatterns, kept, matching, optimizersFor } from "./optimizer.ts";
import { placeOf } from "./scope.ts";
import { staticOf } from "./static.ts";
import { describe, showType } from "./types.ts";
import {
  type Frame,
  type Given,
  isTensor,
  knownOf,
  type RddValue,
  recordOf,
  type Special,
  type Store,
  type Strategy,
  settled,
  type Trainee,
  typeOf,
  type Value,
} from "./value.ts";

const TRAIN =
  'train(model, data, loss, optimizer, batch = 32, epochs = none, steps = none, shuffle = true, validate = none, metrics = none, stop = none, by = none, keep = "last", freeze = [], clip = none, checkpoint = none, carry = none, strategy = all_reduce())';
function train(f: Frame, args: Args, site: Ast.Expr): Value {
  const [model, data, loss, optimizer] = ["model", "data", "loss", "optimizer"].map(n => args.get(n)!);
  // independent mistakes are all said
  const parts = attempt(f, () => partsOf(f, model!, "train"));
  const rows = attempt(f, () => rowsOf(f, data!, site));
  const how = attempt(f, () => options(f, args, site));
  if (!parts || !rows) throw new Reported();
  const inner: Frame = { ...f, place: placeOf(f, site) };
  const carry = attempt(f, () => carryOf(f, args));
  if (!carry) throw new Reported();
  const made = perRecord(inner, { parts, rows, model: model!, data: data!, loss: loss!, carry: carry.value, site });
  const name = nameOf(parts);
  if (made.weights.length === 0) return fail(f, { message: `${name} has no weights to train`, span: model!.span });
  const frozen = attempt(f, () => frozenOf(f, args.get("freeze"), made.weights));
  if (!frozen) throw new Reported();
  const trained = made.updates.map(u =>
    made.weights.filter(w => !w.state && !frozen.has(w.path) && owns(u.key, w.path)),
  );
  const right = made.updates.map((u, i) => attempt(f, () => moved(f, u, trained[i]!, name, loss!) ?? true));
  const steps = attempt(f, () => (isLbfgs(optimizer!.value) ? wholeSteps(optimizer!.value) : batchSteps()));
  const seen = attempt(f, () => watching(inner, args, site, made));
  if (!how || right.includes(undefined) || !steps || !seen) throw new Reported();
  const net: Train = {
    k: "train",
    id: build.nextId(),
    name: f.naming ?? name,
    ...how,
    ...steps,
    rows: rows.expr,
    ...(made.carry ? { carry: made.carry, shuffle: false } : {}),
    ...seen,
    place: inner.place,
    span: site.span,
  };
  if (f.depth > 0) return netsLike(model!.value, innerNet(f, net, args), parts);
  f.cx.nets.push(net);
  return netsLike(model!.value, net, parts);

  function batchSteps(): Steps {
    checkPatterns(f, optimizer!, made.weights);
    const optimizers = optimizersFor(inner, optimizer!, trained.flat(), site);
    const weights = made.weights.map(w => {
      const own = optimizers.get(w.path);
      return own ? { ...w, optimizer: own } : w;
    });
    const updates = made.updates.map((u, i) => ({
      key: u.key,
      fn: heldStates(u.fn, frozen!),
      weights: trained[i]!.map(w => w.path),
    }));
    return { weights, updates };
  }
  function wholeSteps(by: Strategy): Steps {
    refuseBatches(f, args);
    if (right.includes(undefined)) throw new Reported();
    const { fn } = made.updates[0]!;
    const moved = new Set(trained[0]!.map(w => w.path));
    const given = { rows: rows!, loss: heldStates(fn, frozen!), weights: made.weights, moved, name };
    const whole = lbfgs(inner, by, { ...given, model: model!.span, span: loss!.span }, site);
    return { weights: made.weights, updates: [], whole };
  }
}
type Steps = Pick<Train, "weights" | "updates" | "whole">;
/** a net of each call of the function around */
function innerNet(f: Frame, net: Train, args: Args): Train {
  if (net.checkpoint !== undefined)
    return fail(f, {
      message: "a checkpoint of a training that is made again and again: each would overwrite that of the one before",
      span: args.get("checkpoint")!.whole,
      help: "leave it out, or train outside of iterate, fold, scan and map over a tensor",
    });
  return inner(net, f.depth);
}
/** the argument `carry`; it goes with rows in their order */
function carryOf(f: Frame, args: Args): { readonly value: Given | undefined } {
  const g = args.get("carry");
  if (!g || g.value.k === "none") return { value: undefined };
  if (g.value.k === "poison") throw new Reported();
  const shuffle = args.get("shuffle");
  if (shuffle && knownOf(shuffle.value)?.constant.data[0] === 1)
    return fail(f, {
      message: "`carry` goes from a record to the one behind it, and `shuffle: true` leaves no order",
      span: shuffle.whole,
      help: "shuffle: false",
    });
  if (args.get("loss")?.value.k === "record")
    return fail(f, { message: "`carry` with a record of losses", span: g.whole, help: "one loss" });
  return { value: g };
}
const owns = (key: string, path: string): boolean => key === "" || path.startsWith(`${key}.`);
/** 14, and that something is left to train */
function moved(f: Frame, u: MadeUpdate, trained: readonly { at: Var }[], name: string, loss: Given): undefined {
  const of = u.key === "" ? name : `\`${u.key}\``;
  if (!trained.length)
    return fail(f, {
      message: `no weight of ${of} is left to train: the losses read none, or all are frozen`,
      span: loss.span,
    });
  return influence(f, u.body, trained, of, u.span);
}
/** `freeze` holds the states that match, too */
const heldStates = (fn: Fn, frozen: ReadonlySet<string>): Fn =>
  fn.body.k === "record"
    ? {
        ...fn,
        body: {
          k: "record",
          fields: fn.body.fields.map(([n, t]) =>
            n === "next" && t.k === "record" ? [n, { ...t, fields: t.fields.filter(([p]) => !frozen.has(p)) }] : [n, t],
          ),
        },
      }
    : fn;
function frozenOf(f: Frame, g: Given | undefined, weights: readonly { path: string }[]): ReadonlySet<string> {
  const v = g?.value;
  if (!g || !v || v.k === "none" || (v.k === "constant" && v.data.length === 0)) return new Set();
  if (v.k === "poison") throw new Reported();
  const patterns = v.k === "list" ? v.items : [v];
  const paths = weights.map(w => w.path);
  return new Set(
    patterns.flatMap(p => {
      if (p.k === "text") return matching(f, p.text, paths, g.span);
      return fail(f, {
        message: `\`freeze\` is a list of patterns, this is ${describe(v)}`,
        span: g.span,
        help: 'freeze: ["body.*"]',
      });
    }),
  );
}
function attempt<T>(f: Frame, run: () => T): T | undefined {
  try {
    return run();
  } catch (e) {
    if (ends(f, e)) return undefined;
    throw e;
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
  if (f.over !== undefined)
    return fail(f, {
      message: "train for each record of an rdd",
      span: site.span,
      help: "a list that is known when compiling is unrolled: grid({ .. }) |> map(h => train(..))",
    });
  for (const [path, t] of leaves(g.value.expr.type.row))
    if (t.k === "list")
      return fail(f, {
        message: `a training sees numbers and tensors, ${path ? `\`${path}\`` : "a row"} is ${showType(t)}`,
        span: g.span,
        help: path
          ? `pad_to(r.${path}, n) in a map before it, or leave it out there`
          : "map(x => pad_to(x, n)) before it",
      });
  return g.value;
}
interface Training {
  readonly parts: readonly Part[];
  readonly rows: RddValue;
  readonly model: Given;
  readonly data: Given;
  readonly loss: Given;
  readonly carry: Given | undefined;
  readonly site: Ast.Expr;
}
interface MadeUpdate {
  readonly key: string;
  readonly body: Expr;
  readonly fn: Fn;
  readonly span: Span;
}
interface Made extends Measured {
  readonly updates: readonly MadeUpdate[];
  readonly weights: readonly (Weight & { at: Var })[];
  readonly carry: readonly Expr[] | undefined;
}
/** the loss, or the losses, of one record, and the weights that the model makes on the way */
function perRecord(f: Frame, t: Training): Made {
  const depth = f.depth + 1;
  const variable = (path: string, type: TensorType, span: Span): Expr => build.variable(path, type, depth, span);
  const store = collector("train", f.depth, variable, startOf(t.parts));
  const asModels = (own: Store): Value => {
    const trainees = t.parts.map((p): readonly [Part, Trainee] => [
      p,
      { k: "trainee", model: p.model, instances: { prefix: p.key, root: p.model.body, store: own } },
    ]);
    return t.model.value.k === "record" ? recordOf(trainees.map(([p, x]) => [p.key, x] as const)) : trainees[0]![1];
  };
  const training: Frame = { ...f, batch: depth };
  // every weight is met in the order of the text, also of a part that the loss does not read
  for (const own of [store, measuring(store)])
    for (const p of t.parts)
      if (p.model.kind === "model")
        visit(training, p.model, { prefix: p.key, root: p.model.body, store: own }, t.model.span, t.site);
  const m = asModels(store);
  const losses = lossFunctions(
    f,
    t.loss,
    t.parts.map(p => p.key),
  );
  const start = t.carry && tensorsOf(f, t.carry.value, t.carry.span, "what is carried");
  const made = losses.map(([key, loss]) => {
    store.step!.next.clear();
    const row = parameters(t.rows.expr.type.row, depth, t.data.span, t.rows.sources);
    const inner: Frame = { ...training, depth, over: f.cx.text(t.data.span), outside: "rdd", instances: undefined };
    const label = key === "" ? "loss" : `loss.${key}`;
    const held = start && parameters(typeTree(start), depth, t.carry!.span);
    const given = held ? [m, row.value, held.value] : [m, row.value];
    const value = sharing(f, () => apply(inner, loss, given, t.loss.span, calledAs(label, t.site)));
    if (value.k === "poison") throw new Reported();
    const parts = start ? carried(inner, value, start, t.loss) : { loss: value, carry: undefined };
    const body = lossOf(f, parts.loss, { ...t.loss, value: loss });
    const next = [...store.step!.next].filter(([path]) => owns(key, path)).map(([path, e]) => [path, e] as const);
    return { key, body, next, row: [...row.vars, ...(held?.vars ?? [])], carry: parts.carry };
  });
  const weights = store.weights.map(w => ({ ...w, at: w.at as Var }));
  const vars = weights.map(w => w.at);
  const leaf = (of: Expr): Tree<Expr> => ({ k: "leaf", of });
  const updates = made.map(({ key, body, next, row, carry }): MadeUpdate => {
    const states: Tree<Expr> = { k: "record", fields: next.map(([path, e]) => [path, leaf(e)] as const) };
    const all: Tree<Expr> = {
      k: "record",
      fields: [["loss", leaf(body)], ["next", states], ...(carry ? [["carry", carry] as const] : [])],
    };
    return { key, body, fn: build.closeFn([...row, ...vars], all, depth, t.loss.span), span: t.loss.span };
  });
  // validation looks at each record alone: there it carries what an epoch begins with
  const alone: Measured["losses"] = t.carry
    ? losses.map(([key, loss]) => [key, onStart(loss, t.carry!, t.loss.span, t.site)] as const)
    : losses;
  const carry = start && leaves(start).map(([, e]) => e);
  return { updates, weights, m: asModels(measuring(store)), losses: alone, vars, depth, carry };
}
/** the call of an argument, whose place is its name: net.train1.loss */
const calledAs = (name: string, { span }: Ast.Expr): Ast.Expr => ({
  k: "call",
  callee: { k: "ref", name, span },
  args: [],
  span,
});
/** { loss, carry } of a loss that carries on */
function carried(
  f: Frame,
  v: Value,
  start: Tree<Expr>,
  g: Given,
): { readonly loss: Value; readonly carry: Tree<Expr> } {
  const [loss, next] = v.k === "record" ? [v.fields.get("loss"), v.fields.get("carry")] : [];
  if (!loss || !next)
    return fail(f, {
      message: `with \`carry\` the loss gives { loss, carry }, this gives ${describe(v)}`,
      span: g.span,
      help: "loss: (m, r, c) => { loss: .., carry: .. }",
    });
  const tree = tensorsOf(f, next, g.span, "what is carried");
  return { loss, carry: kept(f, typeTree(start), tree, "what is carried", g.span, "the loss") };
}
const onStart = (loss: Value, carry: Given, span: Span, site: Ast.Expr): Value => ({
  k: "native",
  name: "loss",
  call: ([m, r], f) => {
    const v = f.cx.call(f, loss, just([m!, r!, carry.value], span), site, span);
    return v.k === "record" ? (v.fields.get("loss") ?? v) : v;
  },
});
/** a net continues from its weights */
function startOf(parts: readonly Part[]): (path: string, type: TensorType, span: Span) => Expr | undefined {
  return (path, _, span) => {
    for (const p of parts) {
      if (!p.from) continue;
      const inside = p.key === "" ? path : path.startsWith(`${p.key}.`) ? path.slice(p.key.length + 1) : undefined;
      if (inside === undefined) continue;
      const old = p.from.prefix ? `${p.from.prefix}.${inside}` : inside;
      const w = p.from.net.weights.find(x => x.path === old);
      if (w) return build.weightOf(p.from.net, old, w.type, span);
    }
    return undefined;
  };
}
type Options = Pick<Train, "batch" | "epochs" | "steps" | "shuffle" | "strategy" | "clip">;
function options(f: Frame, args: Args, site: Ast.Expr): Options {
  const given = (n: string): Given | undefined => {
    const g = args.get(n);
    if (g?.value.k === "poison") throw new Reported();
    return g && g.value.k !== "none" ? g : undefined;
  };
  const [batch, epochs, steps] = ["batch", "epochs", "steps"].map(n => {
    const g = given(n);
    return attempt(f, () => ({ value: g && dimOf(f, n, g) }));
  });
  const shuffle = attempt(f, () => shuffleOf(f, given("shuffle")));
  const strategy = attempt(f, () => strategyOf(f, given("strategy")));
  const clip = attempt(f, () => ({ value: clipOf(f, given("clip")) }));
  if (!batch || !epochs || !steps || shuffle === undefined || !strategy || !clip) throw new Reported();
  if (epochs.value === undefined && steps.value === undefined)
    return fail(f, { message: "train needs `epochs` or `steps`", span: site.span, help: "epochs: 10" });
  if (epochs.value !== undefined && steps.value !== undefined)
    return fail(f, { message: "train takes `epochs` or `steps`, both are given", span: args.get("steps")!.whole });
  const cut = clip.value ? { clip: clip.value } : {};
  return { batch: batch.value ?? 32, epochs: epochs.value, steps: steps.value, shuffle, strategy, ...cut };
}
function clipOf(f: Frame, g: Given | undefined): Expr | undefined {
  if (!g) return undefined;
  if (isTensor(g.value) && typeOf(g.value).shape.length === 0 && typeOf(g.value).elem !== "bool") {
    const k = knownOf(g.value)?.constant.data[0];
    if (typeof k === "number" && !(k > 0))
      return fail(f, { message: `\`clip\` is a norm, and ${k} leaves no gradient`, span: g.span, help: "clip: 1.0" });
    return build.cast(toExpr(g.value, settled(typeOf(g.value).elem), g.span), "f32");
  }
  return fail(f, { message: `\`clip\` is one number, the largest norm, this is ${describe(g.value)}`, span: g.span });
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
