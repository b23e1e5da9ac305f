/**
 * The kernel being written: its lines, what its variables are called, which helpers it needs; types and literals of WGSL.
 * A value wider than four lanes is several vec4 side by side ("natives"). Knows no expression and no statement.
 */
import type { Affine, Buf, Expr, Lanes, LoopPrim, Stmt, Ty, Var } from "../../ir/loop.ts";
import type { Elem, Stored } from "../../ir/type.ts";

/** const: known while the text is written. names: one per native, or one that is equal in all */
export type Known =
  | { readonly k: "const"; readonly value: number }
  | { readonly k: "names"; readonly names: readonly string[] };
/** lives while one kernel is written */
export interface Cx {
  readonly kernel: string;
  out: string[];
  readonly env: Map<Var, Known>;
  /** name of each register by its number */
  readonly regs: Map<Buf, Map<number, string>>;
  /** names of registers that were declared: an unrolled body declares its own again */
  readonly taken: Set<string>;
  readonly places: Map<Buf, Place>;
  /** where an infinity is what a fold begins with */
  readonly folded: ReadonlySet<Buf>;
  /** declarations of the module, by name: functions, workgroup memory */
  readonly module: Map<string, string>;
  subgroups: boolean;
  serial: number;
  /** native `j` of an expression; here because values and the memory they lie in need each other */
  readonly gen: (cx: Cx, e: Expr, j?: number) => string;
  /** one native of a primitive; here because helpers are made of primitives and primitives call helpers */
  readonly prim: (p: LoopPrim, s: Site) => string;
}
/** one native of a primitive: `t` is its type (at most four lanes), `of` the element of the last argument */
export interface Site {
  readonly cx: Cx;
  readonly t: Ty;
  readonly of: Elem;
  readonly args: readonly string[];
}
/**
 * How a buffer in memory is accessed. words: elements of 8 or 16 bits packed in u32; flags: bools as words; raw: its binding is one of
 * u32 words, which it shares with others or which is one of several; atomic: each access is one; at: what is added to each index, where the buffer does not begin at the binding.
 * blocks: it lies in so many bindings, each of so many words, the first one called `name`.
 */
export interface Place {
  readonly name: string;
  readonly words: boolean;
  readonly flags: boolean;
  readonly raw: boolean;
  readonly atomic: boolean;
  readonly at?: string;
  readonly blocks?: { readonly count: number; readonly words: number };
}
/** binding `b` of a place */
export const blockName = (p: Pick<Place, "name">, b: number): string => (b === 0 ? p.name : `${p.name}_block${b}`);

export const width = (lanes: Lanes): number => Math.min(4, lanes);
/** the type of one native */
export const nativeOf = (t: Ty): Ty => (t.lanes > 4 ? { ...t, lanes: 4 } : t);
export const natives = (t: Ty): number => Math.max(1, t.lanes / 4);
/** WGSL has no 64-bit elements: they are pairs of words, the lower one first, and several lanes of them an array */
export const isWide = (elem: Stored): boolean => elem === "i64" || elem === "f64";
export function typeOf(t: Ty): string {
  if (isWide(t.elem)) return t.lanes === 1 ? "vec2<u32>" : `array<vec2<u32>, ${width(t.lanes)}>`;
  return t.lanes === 1 ? t.elem : `vec${width(t.lanes)}<${t.elem}>`;
}
/** in all lanes of a native the value, which is a name or a literal */
export function spread(t: Ty, value: string): string {
  if (t.lanes === 1) return value;
  return `${typeOf(t)}(${Array(isWide(t.elem) ? width(t.lanes) : 1)
    .fill(value)
    .join(", ")})`;
}
export const emit = (cx: Cx, line: string): void => {
  cx.out.push(line);
};
/** a value that is used more than once */
export function hold(cx: Cx, text: string): string {
  if (/^\w+$/.test(text)) return text;
  const name = `tmp${cx.serial++}`;
  emit(cx, `let ${name} = ${text};`);
  return name;
}
export const identifier = (name: string): string => name.replace(/\W/g, "_");
/** the lines that `make` writes, apart */
export function apart(cx: Cx, make: () => void): readonly string[] {
  const saved = cx.out;
  const lines: string[] = [];
  cx.out = lines;
  make();
  cx.out = saved;
  return lines;
}
export const indented = (lines: readonly string[]): readonly string[] => lines.map(l => `  ${l}`);
export function braces(cx: Cx, head: string, make: () => void): void {
  const body = apart(cx, make);
  emit(cx, `${head}{`);
  cx.out.push(...indented(body), "}");
}

// ---- literals

const LARGEST = 3.4028234663852886e38;
/**
 * A constant of LOOP. Infinite ones stand for "beyond all others" (identities of min and max, borders): they become the largest
 * finite, because WGSL lets a compiler assume that there is no infinity (facts/webgpu.md 0).
 */
export function literal(cx: Cx, value: number, elem: Elem): string {
  if (elem !== "f32" || Number.isFinite(Math.fround(value))) return exactLiteral(cx, value, elem);
  return Number.isNaN(value) ? exactLiteral(cx, value, elem) : exactLiteral(cx, Math.sign(value) * LARGEST, elem);
}
/** the same with infinities as they are. A constant expression must not overflow, so they are read from a variable */
export function exactLiteral(cx: Cx, value: number, elem: Elem): string {
  switch (elem) {
    case "bool":
      return value === 0 ? "false" : "true";
    case "i32":
      return (value | 0) === -2147483648 ? "i32(-2147483648)" : signed(String(value | 0));
    case "u32":
      return `${value >>> 0}u`;
    case "f32": {
      const v = Math.fround(value);
      if (Number.isFinite(v)) return signed(Object.is(v, -0) ? "-0.0f" : `${v}${/[.e]/.test(String(v)) ? "" : ".0"}f`);
      cx.module.set("opaque_zero", "var<private> opaque_zero: u32 = 0u;");
      const bits = Number.isNaN(v) ? "0x7fc00000u" : v > 0 ? "0x7f800000u" : "0xff800000u";
      return `bitcast<f32>(${bits} + opaque_zero)`;
    }
    case "i64":
      return pair(BigInt.asUintN(64, BigInt(value)));
    case "f64": {
      bits.setFloat64(0, value);
      return pair(bits.getBigUint64(0));
    }
    case "f16":
      throw new Error(`internal: ${cx.kernel}: ${elem} in WGSL`);
    default:
      return elem satisfies never;
  }
}
const bits = new DataView(new ArrayBuffer(8));
const pair = (x: bigint): string => `vec2<u32>(${x & 0xffffffffn}u, ${x >> 32n}u)`;
const signed = (s: string): string => (s.startsWith("-") ? `(${s})` : s);
export const constant = (cx: Cx, value: number, t: Ty): string => spread(t, literal(cx, value, t.elem));

// ---- affine forms

/** the form as a number, where all its variables are known */
export function constantOf(cx: Cx, a: Affine): number | undefined {
  let n = a.base;
  for (const { v, by } of a.terms) {
    const x = cx.env.get(v);
    if (x?.k !== "const") return undefined;
    n += x.value * by;
  }
  return n;
}
/** the form, `plus` added, as an i32 */
export function affineText(cx: Cx, a: Affine, plus = 0): string {
  let base = a.base + plus;
  const terms: string[] = [];
  for (const { v, by } of a.terms) {
    const x = cx.env.get(v);
    if (!x) throw new Error(`internal: ${cx.kernel}: ${v.name} has no value`);
    if (x.k === "const") base += x.value * by;
    else {
      const name = v.ty.elem === "u32" ? `i32(${x.names[0]})` : x.names[0]!;
      terms.push(by === 1 ? name : `${name} * ${signed(String(by))}`);
    }
  }
  if (base !== 0 || !terms.length) terms.push(signed(String(base)));
  return terms.length === 1 ? terms[0]! : `(${terms.join(" + ")})`;
}
export type PrimExpr = Extract<Expr, { readonly k: "prim" }>;
export type LoadExpr = Extract<Expr, { readonly k: "load" }>;
export type StoreStmt = Extract<Stmt, { readonly k: "store" | "atomic" }>;
