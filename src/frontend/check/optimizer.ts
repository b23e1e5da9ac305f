/** Optimizers: the record { init, step } as functions of Core, one pair per type of weight. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import {
  type Expr,
  type Fn,
  leaves,
  mapTree,
  type Optimizer,
  type TensorType,
  type Tree,
  type Weight,
} from "../core.ts";
import { nearest } from "../diagnostics/catalogue.ts";
import { apply, parameters, tensorsOf, valueOfTree } from "./apply.ts";
import * as build from "./build.ts";
import { fail, Reported } from "./context.ts";
import { sameDims } from "./dims.ts";
import { type Args, simple, textOf } from "./given.ts";
import { describe, isFloat, showTensor } from "./types.ts";
import {
  type Frame,
  type Given,
  isCallable,
  type RecordValue,
  recordOf,
  type Special,
  tensorValue,
  type Value,
} from "./value.ts";

/** the optimizer of each weight by its path: one pair of functions per type and choice */
export function optimizersFor(
  f: Frame,
  g: Given,
  weights: readonly Weight[],
  site: Ast.Expr,
): ReadonlyMap<string, Optimizer> {
  const out = new Map<string, Optimizer>();
  const made = new Map<Value, Map<string, Optimizer>>();
  for (const w of weights) {
    const chosen = choose(g.value, w.path);
    const key = showTensor(w.type);
    const own = made.get(chosen) ?? new Map<string, Optimizer>();
    made.set(chosen, own);
    if (!own.has(key)) own.set(key, optimizerFor(f, { ...g, value: chosen }, w.type, site));
    out.set(w.path, own.get(key)!);
  }
  return out;
}
function choose(v: Value, path: string): Value {
  while (v.k === "choice") v = matches(v.pattern, path) ? v.use : v.otherwise;
  return v;
}
/** says which pattern of for_weights no weight matches */
export function checkPatterns(f: Frame, g: Given, weights: readonly Weight[]): void {
  const paths = weights.map(w => w.path);
  for (let v = g.value; v.k === "choice"; v = v.otherwise) {
    for (let u = v.use; u.k === "choice"; u = u.use) matching(f, u.pattern, paths, u.span);
    matching(f, v.pattern, paths, v.span);
  }
}

/** whole paths; `*` is any characters */
function matches(pattern: string, path: string): boolean {
  const parts = pattern.split("*").map(p => p.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(path);
}
/** the paths that a pattern matches; none is an error */
export function matching(f: Frame, pattern: string, paths: readonly string[], span: Span): readonly string[] {
  const found = paths.filter(p => matches(pattern, p));
  if (found.length) return found;
  const near = nearest(pattern, paths);
  const some = paths.slice(0, 8).join(", ") + (paths.length > 8 ? ", .." : "");
  return fail(f, {
    message: `no weight matches ${JSON.stringify(pattern)}`,
    span,
    notes: [{ message: `weights: ${some}` }],
    help: near === undefined ? '`*` stands for any characters: "body.*"' : `did you mean ${JSON.stringify(near)}?`,
  });
}
function forWeights(f: Frame, args: Args, site: Ast.Expr): Value {
  const [use, otherwise] = [args.get("use")!, args.get("otherwise")!];
  const pattern = args.get("pattern")!;
  for (const g of [use, otherwise]) if (g.value.k !== "choice") optimizerRecord(f, g);
  const span = pattern.span.file === site.span.file ? pattern.span : site.span;
  return { k: "choice", pattern: textOf(f, "pattern", pattern), use: use.value, otherwise: otherwise.value, span };
}
export const optimizerSpecials: readonly (readonly [string, Special])[] = [
  simple("for_weights(pattern, use, otherwise)", forWeights),
];
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
  if (v.k === "poison") throw new Reported();
  if (v.k === "closure" && v.kind === "fn")
    return fail(f, {
      message: `${v.name} is a function that makes an optimizer: call it`,
      span: g.span,
      help: `${v.name}(..)`,
    });
  if (v.k === "strategy" && v.name === "lbfgs")
    return fail(f, {
      message: "lbfgs moves all weights at once: it is no optimizer of some of them",
      span: g.span,
      help: 'optimizer: lbfgs(), freeze: [".."] for what is to stay',
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
/** the tree with the types that it had; `of`: whose function made it */
export function kept(
  f: Frame,
  was: Tree<TensorType>,
  is: Tree<Expr>,
  what: string,
  span: Span,
  of = "the step of the optimizer",
): Tree<Expr> {
  const differ = (): never =>
    fail(f, {
      message: `${what} changes its type in ${of}: ${describe(valueOfTypes(was))} becomes ${describe(valueOfTree(is))}`,
      span,
    });
  if (was.k === "record") {
    if (is.k !== "record" || is.fields.length !== was.fields.length) return differ();
    return {
      k: "record",
      fields: was.fields.map(
        ([n, t]) => [n, kept(f, t, is.fields.find(([m]) => m === n)?.[1] ?? differ(), what, span, of)] as const,
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
