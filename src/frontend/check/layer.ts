/** Layers: instances and their paths, and the weights declared in them. Knows no model as a whole, and no training. */
import type * as Ast from "../ast.ts";
import type { Expr, Net, TensorType } from "../core.ts";
import { report } from "../diagnostics/catalogue.ts";
import { apply } from "./apply.ts";
import * as build from "./build.ts";
import { fail, isFree, placed, Reported } from "./context.ts";
import { isBatch, relate, symbolsOf } from "./dims.ts";
import { toExpr } from "./operate.ts";
import { instanceOf } from "./scope.ts";
import { describe, isFloat, showTensor } from "./types.ts";
import {
  type Closure,
  type Frame,
  type Instances,
  integers,
  isCallable,
  isTensor,
  type NetValue,
  type Store,
  tensorValue,
  typeOf,
  type Value,
} from "./value.ts";
import { writtenTensor } from "./written.ts";

/** 8, and its like for a layer */
export function noWeights(f: Frame, c: Closure, site: Ast.Expr): never {
  const at = site.k === "call" && site.callee.k === "ref" ? site.callee.span : site.span;
  if (f.outside === "fn" && !f.instances)
    return fail(f, {
      message: `${c.name} is a ${c.kind}: a fn cannot hold its weights`,
      span: at,
      help: "write `layer` instead of `fn`",
    });
  if (c.kind === "model") return fail(f, report.noWeights({ model: c.name ?? "this", span: at }));
  return fail(f, {
    message: `${c.name} is a layer: it has no weights yet`,
    span: at,
    help: `call it in a \`layer\` or \`model\`, and that model with the weights of train(..), load(..) or init(..)`,
  });
}

/** the instances of a net's text, or of a layer called at a site */
export function instancesFor(
  f: Frame,
  v: NetValue | (Instances & { closure: Closure; site: Ast.Expr; name: string | undefined }),
): Instances {
  if ("k" in v) return { prefix: v.prefix, root: v.model.body, store: netStore(v.net) };
  const path = instanceOf(v, v.site, v.closure.name ?? "layer", v.name);
  const before = v.store.sites.get(path);
  if (before && before !== v.site)
    fail(f, {
      message: `two layers are called \`${path}\``,
      span: v.site.span,
      notes: [{ message: "the first", span: before.span }],
      help: "give them different names; layers that share weights are called from one lambda",
    });
  v.store.sites.set(path, v.site);
  return { prefix: path, root: v.closure.body, store: v.store };
}

/** a net is called on a way that its training did not see */
export class Missing extends Error {
  readonly what: string;
  constructor(net: Net, path: string, type: TensorType) {
    super(path);
    this.what = `${net.name} has no weight ${path}: ${showTensor(type)}`;
  }
}
const stores = new WeakMap<Net, Store>();
/** reads the weights of a net */
function netStore(net: Net): Store {
  const old = stores.get(net);
  if (old) return old;
  const leaves = new Map<string, Expr>();
  const store: Store = {
    training: false,
    alone: false,
    depth: 0,
    sites: new Map(),
    weight: (path, type, span) => {
      const own = net.weights.find(w => w.path === path);
      const e = leaves.get(path) ?? (own && build.weightOf(net, path, own.type, span));
      if (!e) throw new Missing(net, path, type);
      leaves.set(path, e);
      return e;
    },
  };
  stores.set(net, store);
  return store;
}

/** path and type of a weight or state */
export function weightType(
  f: Frame,
  item: Ast.Weight | Ast.State,
  what: string,
): { readonly path: string; readonly type: TensorType } {
  const i = f.instances;
  if (!i) throw new Reported();
  const type = writtenTensor(f, item.type, what);
  if (!isFloat(type.elem))
    return fail(f, { message: `${what} is a float, this is ${showTensor(type)}`, span: item.type.span });
  const path = i.prefix ? `${i.prefix}.${item.name.text}` : item.name.text;
  if (i.store.alone && type.shape.some(d => isFree(f, d))) throw new Reported();
  // a symbol that data decide is a number before the weight is made
  if (type.shape.some(d => isFree(f, d) || symbolsOf(d).some(s => isBatch(s.id))))
    return fail(f, {
      message: `the shape of the ${item.k} ${path} is not known: ${showTensor(type)}`,
      span: item.type.span,
      help: `a ${item.k}'s sides cannot hang on a side of the input that varies`,
    });
  // a layer of 0 units hands nothing on: what stands behind it learns a constant, and nobody would see why
  if (type.shape.includes(0))
    return fail(f, {
      message: `the ${item.k} ${path} has no elements: ${showTensor(type)}`,
      span: item.type.span,
    });
  return { path, type };
}
/** `weight w: float[i, n] = init` */
export function declareWeight(f: Frame, item: Ast.Weight): Value {
  const i = f.instances;
  if (!i) throw new Reported();
  const { path, type } = weightType(f, item, "a weight");
  const init = (): Expr => {
    const { depth } = i.store;
    const outer: Frame = { ...f, depth, over: undefined, batch: undefined, place: `${f.place}.${item.name.text}` };
    const v = f.cx.evaluate(item.init, outer);
    if (v.k === "poison") throw new Reported();
    return initial(outer, v, type, item, "its first value", depth);
  };
  return tensorValue(i.store.weight(path, type, placed(f, item.span), init));
}
/** a value of a weight or state: a number, a tensor, or a function of the shape; `deepest`: how much it may hang on */
export function initial(
  f: Frame,
  v: Value,
  type: TensorType,
  item: Ast.Weight | Ast.State,
  what: string,
  deepest: number,
): Expr {
  const made = isCallable(v) ? apply(f, v, [integers(type.shape)], item.init.span, item.init) : v;
  if (made.k === "poison") throw new Reported();
  if (!isTensor(made))
    return fail(f, {
      message: `a ${item.k} starts as a number, a tensor or a function of the shape, this is ${describe(made)}`,
      span: item.init.span,
    });
  const t = typeOf(made);
  if (
    t.shape.length &&
    (t.shape.length !== type.shape.length || t.shape.some((d, j) => relate(d, type.shape[j]!) === "different"))
  )
    return fail(f, {
      message: `the ${item.k} ${item.name.text} is ${showTensor(type)}, ${what} is ${showTensor(t)}`,
      span: item.init.span,
    });
  const own = made.k === "constant" ? made.elem : t.elem;
  if (own === "bool")
    return fail(f, { message: `a ${item.k} is a float, ${what} is ${showTensor(t)}`, span: item.init.span });
  const e = toExpr(made, type.elem, item.init.span);
  if (e.depth > deepest)
    return fail(f, { message: `the first value of a ${item.k} cannot hang on a record`, span: item.init.span });
  if (t.shape.length === type.shape.length) return e;
  if (e.k === "const" && !Array.isArray(e.value)) return build.constant(e.value, type, item.init.span);
  return build.op("broadcast", [e], type, item.init.span);
}
