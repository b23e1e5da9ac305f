/**
 * What expressions and nets of Core read: in their own stage, and, across the end of one, the numbers of symbols and what engines are given.
 * Knows nothing of which stage that is.
 */
import { type Dim, symbolsOf } from "./check/dims.ts";
import {
  type CoreType,
  countedOf,
  type Expr,
  type Fn,
  fnsOfTrain,
  inputsOf,
  leaves,
  type Net,
  type Output,
  type Static,
  tablesOf,
  type Unknown,
} from "./core.ts";
import { dimsHeld } from "./segment/held.ts";

export type Thing = Expr | Net;
/** what ends a stage if it is not known: a symbol, or a value that an engine is given */
export type Boundary = Unknown | Expr;
export const isSymbol = (b: Boundary): b is Unknown => "from" in b;
export const isNet = (t: Thing): t is Net => t.k === "init" || t.k === "load" || t.k === "train";

/** outside of functions, in the same stage */
export function outside(t: Thing): readonly Thing[] {
  if (!isNet(t)) return t.k === "weight" || t.k === "history" ? [t.net] : t.k === "source" ? tablesOf(t) : inputsOf(t);
  const inits = t.weights.map(w => w.init);
  if (t.k !== "train") return inits;
  const captures = fnsOfTrain(t).flatMap(([, f]) => f.captures);
  return [...inits, ...captures, t.rows, ...(t.clip ? [t.clip] : []), ...(t.carry ?? [])];
}
export const functionsOf = (t: Thing): readonly Fn[] =>
  t.k === "train" ? fnsOfTrain(t).map(([, f]) => f) : t.k === "op" ? Object.values(t.fns) : [];
export const bodiesOf = (t: Thing): readonly Expr[] => functionsOf(t).flatMap(f => leaves(f.body).map(([, e]) => e));

function dimsOfType(t: CoreType): readonly Dim[] {
  switch (t.k) {
    case "tensor":
      return t.shape;
    case "tuple":
      return t.of.flatMap(x => x.shape);
    case "list":
      return leaves(t.of).flatMap(([, x]) => dimsOfType(x));
    case "rdd":
      return leaves(t.row).flatMap(([, x]) => dimsOfType(x));
    default:
      return t satisfies never;
  }
}
function dimsOfStatic(s: Static): readonly Dim[] {
  if (typeof s !== "object" || s === null) return [];
  if (Array.isArray(s)) return (s as readonly Static[]).flatMap(dimsOfStatic); // as: isArray does not narrow readonly lists
  const x = s as Exclude<typeof s, readonly Static[]>;
  return x.k === "poly" ? [x] : x.fields.flatMap(([, v]) => dimsOfStatic(v));
}
/** the dims that it is lowered with, those inside its functions apart */
function dimsOf(t: Thing): readonly Dim[] {
  if (isNet(t)) {
    const sides = t.weights.flatMap(w => w.type.shape);
    return t.k === "train" ? [...sides, t.batch, ...[t.epochs ?? [], t.steps ?? []].flat()] : sides;
  }
  const own = dimsOfType(t.type);
  if (t.k === "const") return [...own, ...(Array.isArray(t.value) ? t.value : [t.value as Dim])];
  if (t.k === "check") return [...own, t.low, t.high];
  if (t.k === "source") return [...own, ...(t.query ? dimsHeld(t.query) : [])];
  return t.k === "op" ? [...own, ...Object.values(t.attrs).flatMap(dimsOfStatic)] : own;
}
export const rootOf = (b: Boundary): Expr =>
  !isSymbol(b) ? b : b.from.k === "rows" ? countedOf(b.from.rdd) : computed(b);
function computed(s: Unknown): Expr {
  if (s.from.k === "value") return s.from.of;
  throw new Error(`internal: the symbol ${s.id} is told by a file`);
}

export const exprsIn = (o: Output): readonly Thing[] => {
  switch (o.k) {
    case "tensor":
      return o.present ? [o.of, o.present] : [o.of];
    case "utf8":
      return [o.of];
    case "text":
      return [];
    case "net":
      return [o.net];
    case "record":
      return o.fields.flatMap(([, v]) => exprsIn(v));
    case "list":
      return o.of.flatMap(exprsIn);
    case "oneOf":
      return [o.index, ...o.of.flatMap(exprsIn)];
    default:
      return o satisfies never;
  }
};

/** boundary values that a thing itself reads; `unknown`: symbols by id */
export function acrossOf(t: Thing, unknown: ReadonlyMap<string, Unknown>): readonly Boundary[] {
  const symbols = dimsOf(t).flatMap(d => symbolsOf(d).flatMap(s => unknown.get(s.id) ?? []));
  return t.k === "source" ? [...symbols, ...(t.given ?? []).filter(e => e.type.k !== "rdd")] : symbols;
}
