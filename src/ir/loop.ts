/** LOOP: the closed level that both code generators and the interpreter read. Knows nothing of axes, layouts, schedules. */
import type { Lanes } from "./kernel.ts";
import type { Prim } from "./prim.ts";
import { type Dim, type Elem, STORED_BYTES, type Stored } from "./type.ts";

export type { Lanes } from "./kernel.ts";
/** a type wider than the target's native one splits into ADJACENT natives */
export interface Ty {
  readonly elem: Elem;
  readonly lanes: Lanes;
}
/**
 * Primitives that only this level has: fma(a, b, c) = a * b + c rounded once or twice; splat(scalar); extract one `lane`;
 * iota() is the number of each lane, 0 1 2 ..
 */
export type LoopPrim = Prim | "fma" | "splat" | "extract" | "iota";
/** identity is the object; `below`: values lie in [0, below) */
export interface Var {
  readonly k: "var";
  readonly name: string;
  readonly ty: Ty;
  readonly below?: number;
}
export interface Affine {
  readonly base: number;
  readonly terms: readonly { readonly v: Var; readonly by: number }[];
}
/**
 * In elements. Lane l lies at affine + l * stride (absent: 1), or, with gather (one i32 element offset per lane), at
 * affine + gather[l]. Two lanes of one store never write one element.
 */
export interface At extends Affine {
  readonly stride?: number;
  readonly gather?: Expr;
}
/** from: the largest, to: the smallest of its forms (exclusive). One form is the common case; two express a window cut by a border */
export type Bound = readonly Affine[];
/** extent in elements; unknown: the rows of a feed, whose addresses are valid by construction */
export type Extent = Dim | { readonly of: Dim; readonly by: number; readonly unit: number } | "unknown";
/** group: workgroup memory on a GPU, worker scratch on a CPU; reg: registers, subscripts constant after unrolling */
export interface Buf {
  readonly name: string;
  readonly store: Stored;
  readonly extent: Extent;
  readonly space: "param" | "group" | "reg" | "frag";
}
export type Expr =
  | Var
  | { readonly k: "const"; readonly value: number; readonly ty: Ty }
  /** ty.elem is loaded(buf.store). A mask has 1 lane (for the whole vector) or as many as the value; masked off touches no memory and gives 0 */
  | { readonly k: "load"; readonly buf: Buf; readonly at: At; readonly ty: Ty; readonly mask?: Expr }
  | {
      readonly k: "prim";
      readonly prim: LoopPrim;
      readonly args: readonly Expr[];
      readonly ty: Ty;
      readonly lane?: number;
    }
  /** folds each run of arg.lanes / ty.lanes adjacent lanes */
  | {
      readonly k: "fold";
      readonly op: "add" | "mul" | "max" | "min";
      readonly over: "lanes" | "subgroup";
      readonly arg: Expr;
      readonly ty: Ty;
    };
export type Block = readonly Stmt[];
export type Stmt =
  | {
      readonly k: "for";
      readonly iv: Var;
      readonly from: Bound;
      readonly to: Bound;
      readonly step: number;
      readonly as: "loop" | "unroll" | "call";
      readonly body: Block;
    }
  | { readonly k: "if"; readonly cond: Expr; readonly uniform: boolean; readonly then: Block; readonly else: Block }
  | { readonly k: "let"; readonly to: Var; readonly value: Expr }
  | { readonly k: "store"; readonly buf: Buf; readonly at: At; readonly value: Expr; readonly mask?: Expr }
  | {
      readonly k: "atomic";
      readonly buf: Buf;
      readonly at: At;
      readonly op: "add" | "max" | "min" | "or";
      readonly value: Expr;
      readonly mask?: Expr;
    }
  | { readonly k: "alloc"; readonly buf: Buf; readonly body: Block }
  | { readonly k: "barrier"; readonly scope: "group" }
  | { readonly k: "frag"; readonly op: "fill" | "load" | "mma" | "store"; readonly args: readonly Expr[] };
/** `ceil(of / by)` items */
export interface CeilDiv {
  readonly of: Dim;
  readonly by: number;
}
/**
 * Registers: a value of 2^k lanes lies at a subscript that is a multiple of its lanes; a reg buffer is read and written in
 * vectors of one length. Its store is an Elem.
 * grid: the CPU hands out ranges of grid[0] and loops over the rest; group: invocations of a GPU workgroup, absent on a CPU.
 * n: the number of records, an i32 variable of the header. As a WASM function: (n, from, to, scratch, pointer of each param..).
 */
export interface LoopKernel {
  readonly name: string;
  readonly params: readonly Buf[];
  readonly n?: Var;
  readonly grid: readonly { readonly iv: Var; readonly to: Dim | CeilDiv }[];
  readonly group: readonly { readonly iv: Var; readonly size: number }[];
  readonly body: Block;
}

const i32: Ty = { elem: "i32", lanes: 1 };
export const ty = (elem: Elem, lanes: Lanes = 1): Ty => ({ elem, lanes });
let serial = 0;
/** variables are numbered per kernel so that equal kernels print alike; emit calls this first */
export const restartNames = (): void => {
  serial = 0;
};
export const fresh = (name: string, t: Ty = i32, below?: number): Var => ({
  k: "var",
  name: `${name}_${serial++}`,
  ty: t,
  ...(below === undefined ? {} : { below }),
});
export const num = (value: number, t: Ty = i32): Expr => ({ k: "const", value, ty: t });
export const prim = (p: LoopPrim, t: Ty, ...args: readonly Expr[]): Expr => ({ k: "prim", prim: p, args, ty: t });

export const affine = (base: number, ...terms: Affine["terms"]): Affine => ({ base, terms });
export const at = (v: Var, by = 1): Affine => affine(0, { v, by });
export const plus = (a: Affine, b: Affine, scale = 1): Affine => {
  const by = new Map(a.terms.map(t => [t.v, t.by]));
  for (const t of b.terms) by.set(t.v, (by.get(t.v) ?? 0) + scale * t.by);
  return { base: a.base + scale * b.base, terms: [...by].filter(([, x]) => x !== 0).map(([v, x]) => ({ v, by: x })) };
};
/** smallest and largest value, from the ranges of the variables */
export const range = (a: Affine): readonly [lo: number, hi: number] => {
  let [lo, hi] = [a.base, a.base];
  for (const { v, by } of a.terms) {
    const end = by * ((v.below ?? Infinity) - 1);
    lo += Math.min(0, end);
    hi += Math.max(0, end);
  }
  return [lo, hi];
};
/** the affine form as an i32 expression */
export const value = (a: Affine): Expr =>
  a.terms.reduce<Expr>((e, { v, by }) => {
    const t = by === 1 ? v : prim("mul", i32, v, num(by));
    return e.k === "const" && e.value === 0 ? t : prim("add", i32, e, t);
  }, num(a.base));
export const children = (e: Expr): readonly Expr[] => {
  switch (e.k) {
    case "prim":
      return e.args;
    case "fold":
      return [e.arg];
    case "load":
      return [...(e.mask ? [e.mask] : []), ...(e.at.gather ? [e.at.gather] : [])];
    case "var":
    case "const":
      return [];
    default:
      return e satisfies never;
  }
};
/** the expressions that a statement evaluates itself, its blocks left out */
export const exprs = (s: Stmt): readonly Expr[] => {
  switch (s.k) {
    case "if":
      return [s.cond];
    case "let":
      return [s.value];
    case "store":
    case "atomic":
      return [s.value, ...(s.mask ? [s.mask] : []), ...(s.at.gather ? [s.at.gather] : [])];
    case "frag":
      return s.args;
    case "for":
    case "alloc":
    case "barrier":
      return [];
    default:
      return s satisfies never;
  }
};
export const blocks = (s: Stmt): readonly Block[] => {
  switch (s.k) {
    case "for":
    case "alloc":
      return [s.body];
    case "if":
      return [s.then, s.else];
    case "let":
    case "store":
    case "atomic":
    case "barrier":
    case "frag":
      return [];
    default:
      return s satisfies never;
  }
};

/** bytes of an allocation in worker scratch: whole cache lines */
export const groupBytes = (b: Buf): number => {
  if (typeof b.extent !== "number") throw new Error(`internal: ${b.name} has no fixed extent in worker scratch`);
  return Math.ceil((b.extent * STORED_BYTES[b.store]) / 64) * 64;
};
/** bytes of worker scratch that a kernel allocates itself: allocations nest, what lies side by side shares */
export const scratchBytes = (k: LoopKernel): number => deepest(k.body);
const deepest = (b: Block): number =>
  b.reduce((most, s) => {
    const own = s.k === "alloc" && s.buf.space === "group" ? groupBytes(s.buf) : 0;
    return Math.max(most, own + blocks(s).reduce((inner, c) => Math.max(inner, deepest(c)), 0));
  }, 0);
/** the one type with which a register buffer is read and written in a block; absent: it is not used */
export const registerType = (buf: Buf, b: Block): Ty | undefined => accessTypes(b).get(buf);

/** of each buffer the type of its first access: kernels have dozens of register buffers, and are walked once for all */
const typesOf = new WeakMap<Block, ReadonlyMap<Buf, Ty>>();
function accessTypes(b: Block): ReadonlyMap<Buf, Ty> {
  const known = typesOf.get(b);
  if (known) return known;
  // allocations stand one in the other by the dozen: what the innermost finds is what all of them find
  const [only] = b;
  if (b.length === 1 && only?.k === "alloc") {
    const inner = accessTypes(only.body);
    typesOf.set(b, inner);
    return inner;
  }
  const found = new Map<Buf, Ty>();
  const seen = new Set<Expr>();
  const add = (buf: Buf, t: Ty): void => {
    if (!found.has(buf)) found.set(buf, t);
  };
  const inExpr = (e: Expr): void => {
    // expressions share their parts
    if (seen.has(e)) return;
    seen.add(e);
    if (e.k === "load") add(e.buf, e.ty);
    children(e).forEach(inExpr);
  };
  for (const s of b) {
    if (s.k === "store") add(s.buf, s.value.ty);
    exprs(s).forEach(inExpr);
    for (const inner of blocks(s)) for (const [buf, t] of accessTypes(inner)) add(buf, t);
  }
  typesOf.set(b, found);
  return found;
}
