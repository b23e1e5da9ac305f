/** Models as a whole: the weights that one makes, its inputs, nets of a model or a record of models. Knows no optimizer. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import type { Expr, Net, TensorType, Weight } from "../core.ts";
import { parameters } from "./apply.ts";
import { just } from "./arguments.ts";
import { fail, newSymbol, Reported } from "./context.ts";
import { childScope, known } from "./scope.ts";
import { describe, ELEMS, showTensor } from "./types.ts";
import {
  type Closure,
  type Frame,
  type Given,
  type Instances,
  type NetValue,
  number,
  type Store,
  type Value,
} from "./value.ts";
import { integerNamed, writtenTensor } from "./written.ts";

/** collects the weights that a model makes: for training, for a net, or of a definition looked at alone */
export interface Collected extends Store {
  readonly weights: readonly (Weight & { readonly at: Expr })[];
}
export function collector(
  kind: "train" | "net" | "alone",
  depth: number,
  at: (path: string, type: TensorType, span: Span) => Expr,
  start: (path: string, type: TensorType, span: Span) => Expr | undefined = () => undefined,
): Collected {
  const weights: (Weight & { at: Expr })[] = [];
  const byPath = new Map<string, Weight & { at: Expr }>();
  const own = new Set<Expr>();
  return {
    training: kind === "train",
    alone: kind !== "net",
    depth,
    sites: new Map(),
    weights,
    ...(kind === "train" ? { step: { next: new Map(), own } } : {}),
    weight: (path, type, span, init, state) => {
      const old = byPath.get(path);
      if (old) {
        if (showTensor(old.type) === showTensor(type)) return old.at;
        throw new Shared(path, old.type, type, span);
      }
      const first = start(path, type, span) ?? init();
      const w = { path, type, span, init: first, at: at(path, type, span), ...(state ? { state } : {}) };
      byPath.set(path, w);
      own.add(w.at);
      weights.push(w);
      return w.at;
    },
  };
}
/** the same weights as they are read outside of a step: `training` is false, and no state moves */
export const measuring = (store: Collected): Store => ({
  training: false,
  alone: store.alone,
  depth: store.depth,
  sites: new Map(),
  weight: store.weight,
});
/** one weight is asked for with two shapes: a lambda with a layer is called on different inputs */
class Shared extends Error {
  readonly path: string;
  readonly span: Span;
  readonly types: readonly [TensorType, TensorType];
  constructor(path: string, a: TensorType, b: TensorType, span: Span) {
    super(path);
    this.path = path;
    this.types = [a, b];
    this.span = span;
  }
}
/** runs what may ask for a shared weight with two shapes */
export function sharing<T>(f: Frame, run: () => T): T {
  try {
    return run();
  } catch (e) {
    if (!(e instanceof Shared)) throw e;
    return fail(f, {
      message: `the weight ${e.path} is shared, and is once ${showTensor(e.types[0])} and once ${showTensor(e.types[1])}`,
      span: e.span,
      help: "layers called in one lambda share their weights: call them in the layer itself",
    });
  }
}

/** the parameters of a model as variables: they must be data with full types; names in their dims are symbols */
function modelInputs(f: Frame, model: Closure, depth: number): readonly Value[] | undefined {
  if (model.formals.some(p => p.type === undefined)) return undefined;
  const scope = childScope(model.scope);
  const frame: Frame = { ...f, scope, classes: new Map(), rests: new Map() };
  const inputs = model.formals.map(p => input(frame, p.type!, p.name.text, depth));
  return inputs.every(v => v !== undefined) ? (inputs as readonly Value[]) : undefined;
}
function input(f: Frame, t: Ast.Type, path: string, depth: number): Value | undefined {
  if (t.k === "recordtype") {
    const fields = t.fields.map(x => [x.name.text, input(f, x.type, `${path}.${x.name.text}`, depth)] as const);
    if (fields.some(([, v]) => v === undefined)) return undefined;
    return { k: "record", fields: new Map(fields as readonly (readonly [string, Value])[]) };
  }
  if (t.k !== "named" || t.optional || (t.dims ?? []).some(d => d.k === "rest")) return undefined;
  const name = t.name.text;
  if (!ELEMS.includes(name) && name !== "float" && name !== "int" && name !== "number") return undefined;
  for (const d of t.dims ?? [])
    if (d.k === "dim" && d.value.k === "ref" && integerNamed(f, d.value) === undefined)
      f.scope.names.set(
        d.value.name,
        known(d.value.name, d.span, number(newSymbol(f, d.value.name, d.span, undefined))),
      );
  const type = writtenTensor(f, t, "an input of a model");
  return parameters({ k: "leaf", of: type }, depth, t.span).value;
}

/** all models that the argument holds, each with its key; a record of models puts its key in front */
export interface Part {
  readonly key: string;
  readonly model: Closure;
  /** the net that it continues from */
  readonly from: NetValue | undefined;
}
export function partsOf(f: Frame, given: Given, what: string): readonly Part[] {
  const v = given.value;
  if (v.k === "poison") throw new Reported();
  if (v.k === "record" && v.fields.size)
    return [...v.fields].map(([key, x]) => ({ ...part(f, x, given.span, what), key }));
  return [part(f, v, given.span, what)];
}
function part(f: Frame, v: Value, span: Span, what: string): Part {
  if (v.k === "closure" && (v.kind === "model" || v.kind === "lambda")) return { key: "", model: v, from: undefined };
  if (v.k === "net") return { key: "", model: v.model, from: v };
  if (v.k === "poison") throw new Reported();
  if (v.k === "closure" && v.kind === "layer")
    return fail(f, {
      message: `${what} takes a model, ${v.name} is a layer`,
      span,
      help: `write \`model ${v.name}\` with full types, or x => ${v.name}(x)`,
    });
  return fail(f, { message: `${what} takes a model, this is ${v.k === "rdd" ? "an " : ""}${describe(v)}`, span });
}
/** a value of nets of the same form as what was given */
export const netsLike = (given: Value, net: Net, parts: readonly Part[]): Value =>
  given.k === "record"
    ? {
        k: "record",
        fields: new Map(parts.map(p => [p.key, { k: "net", net, model: p.model, prefix: p.key } as const])),
      }
    : { k: "net", net, model: parts[0]!.model, prefix: "" };

/** evaluates a model over its declared inputs, so that every weight is met and every error is said: what it gives; undefined: no full types */
export function visit(f: Frame, model: Closure, instances: Instances, span: Span, site: Ast.Expr): Value | undefined {
  const before = f.cx.checks.length;
  const inputs = modelInputs(f, model, f.depth + 1);
  if (!inputs) return undefined;
  const whole = { ...f, depth: f.depth + 1 };
  // the place of what it draws is named by the model, and its key in a record of models
  const at: Ast.Expr = { k: "ref", name: instances.prefix || (model.name ?? "model"), span: site.span };
  const made = sharing(f, () => f.cx.call(whole, { k: "trainee", model, instances }, just(inputs, span), at, span));
  // what a model without data cannot decide is decided where it is called
  f.cx.checks.length = before;
  return made;
}
export const nameOf = (parts: readonly Part[]): string => parts.map(p => p.model.name ?? "the model").join(", ");
