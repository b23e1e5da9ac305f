/**
 * train with lbfgs(): all weights as one vector, the loss over all data as a function of it, of which the prelude (prelude/lbfgs.hs) knows the next
 * vector. Makes what a training does in a step; what it looks at after a step is as in every training.
 */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import {
  type Expr,
  type Fn,
  inputsOf,
  leaves,
  type Op,
  type TensorType,
  type TrainWeight,
  type Tree,
  type Whole,
} from "../core.ts";
import { parameters, tensorsOf, typeTree } from "./apply.ts";
import { just } from "./arguments.ts";
import * as build from "./build.ts";
import { fail, newSymbol, Reported } from "./context.ts";
import { addDims, type Dim, productOf } from "./dims.ts";
import { type Args, dimOf, simple } from "./given.ts";
import { kept } from "./optimizer.ts";
import { staticOf } from "./static.ts";
import { describe } from "./types.ts";
import {
  type Frame,
  number,
  type RddValue,
  recordOf,
  type Special,
  type Strategy,
  tensorValue,
  type Value,
} from "./value.ts";

export const isLbfgs = (v: Value): v is Strategy => v.k === "strategy" && v.name === "lbfgs";

/** what says nothing to a training that sees all data in each step, and why */
const WITHOUT: Readonly<Record<string, readonly [message: string, help: string]>> = {
  batch: ["lbfgs uses all data at once: it takes no `batch`", "leave it out"],
  clip: ["lbfgs finds how far it goes by the loss: it takes no `clip`", "leave it out"],
  carry: [
    "`carry` goes from a batch to the next one, and lbfgs uses all data at once",
    "sgd, adam or another optimizer with batches",
  ],
};
export function refuseBatches(f: Frame, args: Args): void {
  for (const [name, [message, help]] of Object.entries(WITHOUT)) {
    const g = args.get(name);
    if (g && g.value.k !== "none") fail(f, { message, span: g.whole, help });
  }
  const loss = args.get("loss")!;
  if (loss.value.k === "record")
    fail(f, {
      message: "lbfgs minimises one loss, this is a record of losses",
      span: loss.whole,
      help: "one loss, or sgd, adam or another optimizer",
    });
}

/** what a training by steps knows of it */
interface Collected {
  readonly rows: RddValue;
  /** of a record: the leaves of a row, then `weights`; { loss, next } */
  readonly loss: Fn;
  /** all of them, in their order */
  readonly weights: readonly TrainWeight[];
  /** those that it moves */
  readonly moved: ReadonlySet<string>;
  readonly name: string;
  /** where the model stands, and the loss */
  readonly model: Span;
  readonly span: Span;
}
/** the loss at weights, and what else of it was asked for */
interface Objective {
  readonly value: Expr;
  readonly grad: Expr | undefined;
  readonly next: readonly (readonly [path: string, Expr])[];
}

export function lbfgs(f: Frame, how: Strategy, c: Collected, site: Ast.Expr): Whole {
  const own = c.weights.filter(w => c.moved.has(w.path));
  const [elem, other] = [...new Set(own.map(w => w.type.elem))];
  if (other)
    return fail(f, { message: `lbfgs needs weights of one element, these are ${elem} and ${other}`, span: c.model });
  let size: Dim = 0;
  const places = new Map<string, Dim>();
  for (const w of own) {
    places.set(w.path, size);
    size = addDims(size, productOf(w.type.shape));
  }
  const flat: TensorType = { k: "tensor", elem: elem!, shape: [size] };
  const depth = f.depth + 1;
  const all = rowsAtOnce(f, c, site);
  const variables = (): readonly Expr[] =>
    c.weights.map(w => build.variable(w.path, w.type, depth, w.span)) as readonly Expr[];
  const at = (vector: Expr, others: readonly Expr[]): readonly Expr[] =>
    c.weights.map((w, i) => {
      const from = places.get(w.path);
      return from === undefined ? others[i]! : part(vector, from, w.type, w.span);
    });
  const vector = (of: readonly Expr[]): Expr =>
    joined(
      own.map(w => of[c.weights.indexOf(w as TrainWeight)]!),
      flat,
      site.span,
    );
  const objective = (weights: readonly Expr[], slopes: boolean): Objective =>
    objectiveAt(c, weights, slopes, all, flat);
  const native = (name: string, call: (vector: Expr, inner: Frame) => Value): Value => ({
    k: "native",
    name,
    call: ([v], inner) => {
      if (v?.k !== "tensor") throw new Reported();
      return call(v.expr, inner);
    },
  });
  const both = (others: readonly Expr[]): Value =>
    native("both", v => {
      const { value, grad, next } = objective(at(v, others), true);
      const states = recordOf(next.map(([path, e]) => [path, tensorValue(e)] as const));
      return recordOf([
        ["value", tensorValue(value)],
        ["grad", tensorValue(grad!)],
        ["states", states],
      ]);
    });
  const call = (name: string, given: readonly Value[]): ReadonlyMap<string, Value> => {
    const made = f.cx.call({ ...f, depth }, f.cx.prelude.names.get(name)!.value(), just(given, c.span), site, c.span);
    if (made.k !== "record") throw new Reported();
    return made.fields;
  };
  const history = number(how.options["history"] as Dim); // as: the optimizer makes it so

  const first = variables();
  const begun = call("lbfgs_start", [both(first), tensorValue(vector(first)), history]);
  const slots = tensorsOf(f, recordOf(begun), c.span, "the state of lbfgs");
  const types = typeTree(slots);

  const now = variables();
  const held = parameters(types, depth, c.span);
  const states = held.value.k === "record" ? held.value.fields.get("states") : undefined;
  if (states?.k !== "record") throw new Reported();
  // the states of this step: what the pass over the data before has left
  const settled = c.weights.map((w, i) => {
    const next = states.fields.get(w.path);
    return next?.k === "tensor" ? next.expr : now[i]!;
  });
  const loss = native("loss", v => tensorValue(objective(at(v, now), false).value));
  const moves = states.fields.size > 0;
  const step = call("lbfgs_next", [
    ...[loss, both(settled), tensorValue(vector(now)), held.value, history],
    number(Number(how.options["tolerance"]), "decimal"),
    { k: "constant", elem: "bool", shape: [], data: [moves ? 1 : 0] },
  ]);
  const tensor = (name: string): Expr => {
    const v = step.get(name);
    if (v?.k !== "tensor") throw new Reported();
    return v.expr;
  };
  const after = at(tensor("w"), settled);
  const leaf = (of: Expr): Tree<Expr> => ({ k: "leaf", of });
  const next = c.weights.flatMap((w, i) => (after[i] === now[i] ? [] : [[w.path, leaf(after[i]!)] as const]));
  const body: Tree<Expr> = {
    k: "record",
    fields: [
      ["loss", leaf(tensor("value"))],
      ["ends", leaf(tensor("ends"))],
      ["next", { k: "record", fields: next }],
      [
        "slots",
        kept(f, types, tensorsOf(f, step.get("slots")!, c.span, "the state of lbfgs"), "the state", c.span, "lbfgs"),
      ],
    ],
  };
  return {
    slots: leaves(types),
    moved: [...places.keys()],
    init: build.closeFn(first as Fn["params"], slots, depth, c.span), // as: variables
    step: build.closeFn([...(now as Fn["params"]), ...held.vars], body, depth, c.span), // as: variables
  };
}
/** the number of all rows, where the loss of one looks at the others; then they are one batch */
function rowsAtOnce(f: Frame, c: Collected, site: Ast.Expr): Dim | undefined {
  const stack = leaves(c.loss.body).map(([, e]) => e);
  const seen = new Set<Expr>();
  while (stack.length) {
    const e = stack.pop()!;
    if (seen.has(e)) continue;
    seen.add(e);
    if (e.k === "op" && e.op === "over_batch") {
      const rdd = c.rows.expr;
      return rdd.type.rows ?? newSymbol(f, `rows of ${c.name}`, site.span, { k: "rows", rdd });
    }
    stack.push(...inputsOf(e));
  }
  return undefined;
}
/** the mean of the losses of all rows at these weights, what states become, and the slopes as one vector */
function objectiveAt(
  c: Collected,
  weights: readonly Expr[],
  slopes: boolean,
  rows: Dim | undefined,
  flat: TensorType,
): Objective {
  const moved = slopes ? c.weights.flatMap((w, i) => (c.moved.has(w.path) ? [i] : [])) : [];
  const typeOf = (e: Expr): TensorType => e.type as TensorType; // as: a loss, states and weights are tensors
  const results = leaves(c.loss.body).map(([path, e]) => [path.replace(/^next\./, ""), typeOf(e)] as const);
  const types = [...results.map(([, t]) => t), ...moved.map(i => c.weights[i]!.type)];
  const attrs = { moved, ...(rows === undefined ? {} : { rows }) };
  const op: Op = build.op("rdd.objective", [c.rows.expr, ...weights], { k: "tuple", of: types }, c.span, {
    attrs,
    fns: { f: c.loss },
  });
  const parts = types.map((t, i) => build.get(op, i, t, c.span));
  return {
    value: parts[0]!,
    next: results.slice(1).map(([path], i) => [path, parts[i + 1]!] as const),
    grad: slopes ? joined(parts.slice(results.length), flat, c.span) : undefined,
  };
}
/** tensors as one vector */
function joined(all: readonly Expr[], flat: TensorType, span: Span): Expr {
  const flats = all.map(
    x => build.op("reshape", [x], { ...flat, shape: [productOf((x.type as TensorType).shape)] }, span), // as: weights
  );
  return flats.length === 1 ? flats[0]! : build.op("concat", flats, flat, span, { attrs: { axis: 0 } });
}
/** a weight of the vector of all */
function part(vector: Expr, from: Dim, type: TensorType, span: Span): Expr {
  const size = productOf(type.shape);
  const attrs = { start: [from], step: [1], size: [size] };
  const cut = build.op("slice", [vector], { ...type, shape: [size] }, span, { attrs });
  return build.op("reshape", [cut], type, span);
}

function optimizer(f: Frame, args: Args): Value {
  const history = args.get("history");
  const tolerance = args.get("tolerance");
  const bound = tolerance ? staticOf(f, tolerance.value, tolerance.span, "`tolerance`") : 1e-6;
  if (typeof bound !== "number" || !(bound >= 0))
    return fail(f, {
      message: `\`tolerance\` is a number from 0 up, this is ${typeof bound === "number" ? bound : describe(tolerance!.value)}`,
      span: tolerance!.span,
    });
  return {
    k: "strategy",
    name: "lbfgs",
    options: { history: history ? dimOf(f, "history", history) : 10, tolerance: bound },
  };
}
export const lbfgsSpecials: readonly (readonly [string, Special])[] = [
  simple("lbfgs(history = 10, tolerance = 1e-6)", optimizer),
];
