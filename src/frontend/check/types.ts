/** Rules of element types: literals, promotion, what may be converted; and types as text, as the user wrote them. */
import type { Span } from "../../ir/node.ts";
import type { CoreElem, CoreType, LeafType, TensorType, Tree } from "../core.ts";
import type { Constant } from "./builtin.ts";
import { type Dim, relate, showDim } from "./dims.ts";
import { typeOf, type Value } from "./value.ts";

/** "int" and "decimal": a literal that takes the type of its neighbour */
export type Elem = Constant["elem"];

export const isFloat = (e: Elem): boolean => e === "f16" || e === "f32" || e === "f64" || e === "decimal";
export const isInteger = (e: Elem): boolean => e === "u8" || e === "i32" || e === "i64" || e === "int";
export const ELEMS: readonly string[] = ["bool", "u8", "i32", "i64", "f16", "f32", "f64"];
const FLOATS: readonly Elem[] = ["f16", "f32", "f64"];

/** what two numbers compute as; undefined where one is a bool */
export function promote(a: Elem, b: Elem): Elem | undefined {
  if (a === "bool" || b === "bool") return undefined;
  if (a === b) return a === "u8" ? "i32" : a;
  if (a === "int") return b === "u8" ? "i32" : b;
  if (b === "int") return promote(b, a);
  if (a === "decimal") return isFloat(b) ? b : b === "i64" ? "f64" : "f32";
  if (b === "decimal") return promote(b, a);
  if (isFloat(a) && isFloat(b)) return FLOATS[Math.max(FLOATS.indexOf(a), FLOATS.indexOf(b))];
  if (isFloat(a)) return a;
  if (isFloat(b)) return b;
  return a === "i64" || b === "i64" ? "i64" : "i32";
}
/** what `/`, sqrt, exp .. of an element give */
export const floated = (e: Elem): Elem => (isFloat(e) ? e : e === "int" ? "decimal" : e === "i64" ? "f64" : "f32");

export type Shapes =
  | { readonly k: "shape"; readonly shape: readonly Dim[]; readonly unsure: readonly (readonly [Dim, Dim])[] }
  | { readonly k: "differ"; readonly axis: number; readonly a: Dim; readonly b: Dim };
/** NumPy's broadcast; a dim stretches only if it is the constant 1. `axis` of a difference counts in the longer shape */
export function broadcast(a: readonly Dim[], b: readonly Dim[]): Shapes {
  const rank = Math.max(a.length, b.length);
  const shape: Dim[] = [];
  const unsure: (readonly [Dim, Dim])[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[i - rank + a.length];
    const y = b[i - rank + b.length];
    if (x === undefined || y === undefined) shape.push((x ?? y)!);
    else if (x === 1) shape.push(y);
    else if (y === 1) shape.push(x);
    else {
      const r = relate(x, y);
      if (r === "different") return { k: "differ", axis: i, a: x, b: y };
      if (r === "unknown") unsure.push([x, y]);
      shape.push(typeof y === "number" ? y : x);
    }
  }
  return { k: "shape", shape, unsure };
}

export const showShape = (s: readonly Dim[]): string => (s.length ? `[${s.map(showDim).join(", ")}]` : "");
export const showTensor = (t: TensorType): string => t.elem + showShape(t.shape);
const showLeaf = (t: LeafType): string => (t.k === "list" ? `list ${showRow(t.of)}` : showTensor(t));
export const showRow = (t: Tree<LeafType>): string =>
  t.k === "leaf"
    ? showLeaf(t.of)
    : t.maybe
      ? `${showRow(t.fields[0]![1])}?`
      : `{ ${t.fields.map(([n, v]) => `${showField(n)}: ${showRow(v)}`).join(", ")} }`;
/** as it is written: in quotes where it is no plain name */
const showField = (n: string): string => (/^[A-Za-z_]\w*$/.test(n) ? n : `"${n.replace(/["\\]/g, "\\$&")}"`);
export function showType(t: CoreType): string {
  switch (t.k) {
    case "tensor":
    case "list":
      return showLeaf(t);
    case "rdd":
      return `rdd ${showRow(t.row)}`;
    case "tuple":
      return `(${t.of.map(showTensor).join(", ")})`;
    default:
      return t satisfies never;
  }
}
/** what a value is, in an error: f32[28, 28], a string, the model LeNet, { x: f32, y: i32 } */
export function describe(v: Value): string {
  switch (v.k) {
    case "constant":
    case "tensor":
      return showTensor(typeOf(v));
    case "text":
      return "a string";
    case "none":
      return "none";
    case "record":
      return v.fields.size ? `{ ${[...v.fields].map(([n, f]) => `${n}: ${describe(f)}`).join(", ")} }` : "{ }";
    case "list":
      return `a list of ${v.items.length}`;
    case "rdd":
      return showType(v.expr.type);
    case "closure":
      return v.kind === "lambda" ? "a function" : `the ${v.kind === "fn" ? "function" : v.kind} ${v.name}`;
    case "builtin":
    case "native":
      return `the function ${v.name}`;
    case "net":
    case "trainee":
      return `the net ${v.model.name ?? ""}`.trimEnd();
    case "module":
      return `the file ${v.name}`;
    case "strategy":
      return `the strategy ${v.name}`;
    case "choice":
      return "optimizers by path";
    case "oneOf":
      return `${describe(v.items[0]!)}, one of ${v.items.length} of which the program chooses when it runs`;
    case "maybe":
      return `${showType(v.value.expr.type)}?`;
    case "cell":
    case "sequence":
      return showType(v.expr.type);
    case "group":
      return "the records of a group";
    case "spelled":
      return "the text of utf8, which is printed or saved as a whole";
    case "poison":
      return "an error";
    default:
      return v satisfies never;
  }
}
/** elements of a constant in an element: f32 and f16 are rounded, integers saturate towards zero */
export function elementIn(x: Dim, elem: Elem): Dim {
  if (typeof x !== "number") return x;
  switch (elem) {
    case "f32":
      return Math.fround(x);
    case "f16":
      return Math.f16round === undefined ? Math.fround(x) : Math.f16round(x);
    case "i32":
      return Number.isNaN(x) ? 0 : Math.min(2147483647, Math.max(-2147483648, Math.trunc(x)));
    case "u8":
      return Number.isNaN(x) ? 0 : Math.min(255, Math.max(0, Math.trunc(x)));
    case "i64":
      return Number.isNaN(x) ? 0 : Math.trunc(x);
    case "bool":
      return x === 0 ? 0 : 1;
    case "f64":
    case "int":
    case "decimal":
      return x;
    case "string":
    case "time":
      throw new Error(`internal: a number as a ${elem}`);
    default:
      return elem satisfies never;
  }
}
export const inElem = (c: Constant, elem: CoreElem): Constant => ({
  ...c,
  elem,
  data: c.data.map(x => elementIn(x, elem)),
});
/** a literal that its type cannot hold: said by whoever evaluates the expression around */
export class Unfit extends Error {
  readonly span: Span;
  readonly elem: CoreElem;
  constructor(value: number, elem: CoreElem, span: Span) {
    super(`${value} is no ${elem}: it goes from ${range(elem)}`);
    this.span = span;
    this.elem = elem;
  }
}
/** `0 to 255` */
export const range = (elem: CoreElem): string => `${LEAST[elem] ?? `-${MOST[elem]}`} to ${MOST[elem]}`;
const LEAST: Readonly<Record<string, number>> = { u8: 0, i32: -2147483648, i64: -Number.MAX_SAFE_INTEGER };
const MOST: Readonly<Record<string, number>> = {
  u8: 255,
  i32: 2147483647,
  i64: Number.MAX_SAFE_INTEGER,
  f16: 65504,
  f32: 3.4028235e38,
};
export const unfit = (x: number, elem: CoreElem): boolean =>
  elem === "f32" || elem === "f16"
    ? Number.isFinite(x) && Math.abs(x) > MOST[elem]!
    : x < LEAST[elem]! || x > MOST[elem]!;
/** a literal in the element that its neighbour or its place gives it; throws Unfit. A cast saturates instead: inElem */
export function typed(c: Constant, elem: CoreElem, span: Span): Constant {
  const literal = c.elem === "int" || c.elem === "decimal";
  const wrong = literal && c.data.find(x => typeof x === "number" && unfit(x, elem));
  if (typeof wrong === "number") throw new Unfit(wrong, elem, span);
  return inElem(c, elem);
}
