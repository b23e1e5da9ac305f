/**
 * LOOP as text: one table of codecs prints and reads it. A variable is written out where it is bound and by its name elsewhere;
 * an i32 constant is a bare number. Equal kernels have equal texts, so the text is also the key under which a kernel is cached.
 */
import type {
  Affine,
  At,
  Block,
  Bound,
  Buf,
  CeilDiv,
  Expr,
  Extent,
  Lanes,
  LoopKernel,
  LoopPrim,
  Stmt,
  Ty,
  Var,
} from "./loop.ts";
import { isPrim } from "./prim.ts";
import {
  array,
  boolean,
  type Codec,
  isList,
  listOf,
  malformed,
  name,
  number,
  oneOf,
  optional,
  read,
  record,
  type Sexpr,
  show,
  union,
} from "./sexpr.ts";
import type { Dim, Elem, Stored } from "./type.ts";

/** what the reader knows: variables and buffers by name. The printer needs nothing */
interface Names {
  readonly vars: Map<string, Var>;
  readonly bufs: Map<string, Buf>;
}
type C<T> = Codec<T, Names>;

const ELEMS = ["bool", "i32", "u32", "i64", "f16", "f32", "f64"] as const satisfies readonly Elem[];
const stored = oneOf<Stored>(...ELEMS, "u8", "i8", "u16", "bf16");

const ty: C<Ty> = {
  print: t => (t.lanes === 1 ? t.elem : `${t.elem}x${t.lanes}`),
  parse: s => {
    const m = typeof s === "string" ? /^(bool|[iuf]\d+)(?:x(2|4|8|16|32))?$/.exec(s) : null;
    const elem = ELEMS.find(e => e === m?.[1]);
    if (!m || !elem) return malformed("a type", s);
    return { elem, lanes: Number(m[2] ?? 1) as Lanes };
  },
};
/** a variable where it is bound: (name type below) */
const binder: C<Var> = {
  print: v => [name.print(v.name, 0), ty.print(v.ty, EMPTY), ...(v.below === undefined ? [] : [v.below])],
  parse: (s, cx) => {
    const [n, t, below, more] = listOf("a variable", s);
    if (n === undefined || t === undefined || more !== undefined) return malformed("a variable", s);
    const v: Var = {
      k: "var",
      name: name.parse(n, 0),
      ty: ty.parse(t, cx),
      ...(below === undefined ? {} : { below: number.parse(below, 0) }),
    };
    cx.vars.set(v.name, v);
    return v;
  },
};
const EMPTY: Names = { vars: new Map(), bufs: new Map() };
const variable: C<Var> = {
  print: v => name.print(v.name, 0),
  parse: (s, cx) => cx.vars.get(name.parse(s, 0)) ?? malformed("a variable in scope", s),
};
const buffer: C<Buf> = {
  print: b => name.print(b.name, 0),
  parse: (s, cx) => cx.bufs.get(name.parse(s, 0)) ?? malformed("a buffer in scope", s),
};

const dim: C<Dim> = {
  print: d => (typeof d === "number" ? d : ["N", d.n, d.plus]),
  parse: s => {
    if (!isList(s)) return number.parse(s, 0);
    const [head, n, plus] = s;
    if (head !== "N" || s.length !== 3) return malformed("a dim", s);
    return { n: number.parse(n!, 0), plus: number.parse(plus!, 0) };
  },
};
const ceil = record<CeilDiv, Names>("ceil", undefined, { of: dim, by: number });
const isCeil = (s: Sexpr): boolean => isList(s) && s[0] === "ceil";
const items: C<Dim | CeilDiv> = {
  print: (d, cx) => (typeof d === "object" && "by" in d ? ceil.print(d, cx) : dim.print(d, cx)),
  parse: (s, cx) => (isCeil(s) ? ceil.parse(s, cx) : dim.parse(s, cx)),
};
type Units = Exclude<Extent, Dim | "unknown">;
const units = record<Units, Names>("units", undefined, { of: dim, by: number, unit: number });
const extent: C<Extent> = {
  print: (e, cx) =>
    e === "unknown" ? e : typeof e === "object" && "unit" in e ? units.print(e, cx) : dim.print(e, cx),
  parse: (s, cx) => (s === "unknown" ? s : isList(s) && s[0] === "units" ? units.parse(s, cx) : dim.parse(s, cx)),
};
const bufRecord = record<Buf, Names>("buf", undefined, {
  name,
  store: stored,
  extent,
  space: oneOf<Buf["space"]>("param", "group", "reg", "frag"),
});
const bufBinder: C<Buf> = {
  print: bufRecord.print,
  parse: (s, cx) => {
    const b = bufRecord.parse(s, cx);
    cx.bufs.set(b.name, b);
    return b;
  },
};

/** (base (by variable)..) */
const affine: C<Affine> = {
  print: (a, cx) => [a.base, ...a.terms.map(t => [t.by, variable.print(t.v, cx)])],
  parse: (s, cx) => affineOf(listOf("an affine form", s), s, cx),
};
function affineOf(list: readonly Sexpr[], whole: Sexpr, cx: Names): Affine {
  const [base, ...terms] = list;
  if (typeof base !== "number") return malformed("an affine form", whole);
  return {
    base,
    terms: terms.map(t => {
      const [by, v, more] = listOf("a term", t);
      if (by === undefined || v === undefined || more !== undefined) return malformed("a term", t);
      return { by: number.parse(by, 0), v: variable.parse(v, cx) };
    }),
  };
}
/** an affine form, then :stride and :gather */
const at: C<At> = {
  print: (a, cx) => [
    ...listOf("an affine form", affine.print(a, cx)),
    ...(a.stride === undefined ? [] : [":stride", a.stride]),
    ...(a.gather ? [":gather", expr.print(a.gather, cx)] : []),
  ],
  parse: (s, cx) => {
    const list = listOf("a place", s);
    const option = (key: string): Sexpr | undefined => {
      const i = list.indexOf(key);
      return i < 0 ? undefined : (list[i + 1] ?? malformed(`a value of ${key}`, s));
    };
    const end = list.findIndex(x => x === ":stride" || x === ":gather");
    const [stride, gather] = [option(":stride"), option(":gather")];
    return {
      ...affineOf(end < 0 ? list : list.slice(0, end), s, cx),
      ...(stride === undefined ? {} : { stride: number.parse(stride, 0) }),
      ...(gather === undefined ? {} : { gather: expr.parse(gather, cx) }),
    };
  },
};
const bound: C<Bound> = array(affine);

type PrimExpr = Extract<Expr, { k: "prim" }>;
const LOOP_ONLY: readonly string[] = ["fma", "splat", "extract", "iota"] satisfies readonly LoopPrim[];
const isLoopPrim = (s: Sexpr | undefined): s is LoopPrim =>
  typeof s === "string" && (isPrim(s) || LOOP_ONLY.includes(s));
/** (add f32x16 a b), (extract f32 :lane 3 a) */
const primitive: C<PrimExpr> = {
  print: (e, cx) => [
    e.prim,
    ty.print(e.ty, cx),
    ...(e.lane === undefined ? [] : [":lane", e.lane]),
    ...e.args.map(a => expr.print(a, cx)),
  ],
  parse: (s, cx) => {
    const [p, t, ...rest] = listOf("a primitive", s);
    if (!isLoopPrim(p) || t === undefined) return malformed("a primitive", s);
    const lane = rest[0] === ":lane" ? number.parse(rest[1] ?? s, 0) : undefined;
    const args = (lane === undefined ? rest : rest.slice(2)).map(a => expr.parse(a, cx));
    return { k: "prim", prim: p, args, ty: ty.parse(t, cx), ...(lane === undefined ? {} : { lane }) };
  },
};
type Named = Exclude<Expr, Var | PrimExpr>;
const lazily: C<Expr> = { print: (e, cx) => expr.print(e, cx), parse: (s, cx) => expr.parse(s, cx) };
const named: C<Named> = union<Named, Names>({
  const: record("const", "const", { ty, value: number }),
  load: record("load", "load", { buf: buffer, at, ty, mask: optional(lazily) }),
  fold: record("fold", "fold", {
    op: oneOf("add", "mul", "max", "min"),
    over: oneOf("lanes", "subgroup"),
    ty,
    arg: lazily,
  }),
});
const isIndex = (t: Ty): boolean => t.elem === "i32" && t.lanes === 1;
const expr: C<Expr> = {
  print: (e, cx) => {
    if (e.k === "var") return variable.print(e, cx);
    if (e.k === "const" && isIndex(e.ty)) return e.value;
    return e.k === "prim" ? primitive.print(e, cx) : named.print(e, cx);
  },
  parse: (s, cx) => {
    if (typeof s === "number") return { k: "const", value: s, ty: { elem: "i32", lanes: 1 } };
    if (!isList(s)) return variable.parse(s, cx);
    return isLoopPrim(s[0]) ? primitive.parse(s, cx) : named.parse(s, cx);
  },
};

const lazyBlock: C<Block> = { print: (b, cx) => block.print(b, cx), parse: (s, cx) => block.parse(s, cx) };
const statement: C<Stmt> = union<Stmt, Names>({
  for: record("for", "for", {
    as: oneOf("loop", "unroll", "call"),
    from: bound,
    to: bound,
    step: number,
    iv: binder,
    body: lazyBlock,
  }),
  if: record("if", "if", { uniform: boolean, cond: expr, then: lazyBlock, else: lazyBlock }),
  let: record("let", "let", { value: expr, to: binder }),
  store: record("store", "store", { buf: buffer, at, value: expr, mask: optional(expr) }),
  atomic: record("atomic", "atomic", {
    op: oneOf("add", "max", "min", "or"),
    buf: buffer,
    at,
    value: expr,
    mask: optional(expr),
  }),
  alloc: record("alloc", "alloc", { buf: bufBinder, body: lazyBlock }),
  barrier: record("barrier", "barrier", { scope: oneOf("group") }),
  frag: record("frag", "frag", { op: oneOf("fill", "load", "mma", "store"), args: array(expr) }),
});
const block: C<Block> = array(statement);

const kernel = record<LoopKernel, Names>("kernel", undefined, {
  name,
  params: array(bufBinder),
  n: optional(binder),
  grid: array(record("axis", undefined, { iv: binder, to: items })),
  group: array(record("lanes", undefined, { iv: binder, size: number })),
  body: block,
});

export const printLoop = (k: LoopKernel): string => show(kernel.print(k, EMPTY));
/** the kernel that `text` describes; throws, naming what was expected where */
export const parseLoop = (text: string): LoopKernel => kernel.parse(read(text), { vars: new Map(), bufs: new Map() });
