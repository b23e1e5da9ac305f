/**
 * Addresses of LOOP's affine accesses. Each (buffer, terms in scope) has one pointer, made from its parent's when a variable
 * comes into scope and bumped at the end of a loop; constants and unrolled variables go to `offset=`.
 * Knows nothing of what is loaded or stored.
 */
import {
  type Affine,
  type At,
  type Block,
  type Bound,
  type Buf,
  blocks,
  children,
  type Expr,
  exprs,
  type Var,
} from "../../ir/loop.ts";
import { STORED_BYTES } from "../../ir/type.ts";
import { type Func, I32, type Ref } from "./func.ts";

/**
 * Buffers lie at or above this byte. An `offset=` is added without wrapping, so a pointer may lie at most this much below the
 * byte it is used for; larger and negative constants are added to the pointer instead.
 */
export const GUARD = 65536;

const NEAR = 1024;

interface Term {
  readonly v: Var;
  readonly by: number;
}
interface Split {
  readonly base: number;
  readonly terms: readonly Term[];
}
export interface Address {
  readonly ptr: Ref;
  readonly offset: number;
}
/** a pointer and how far it moves when its variable grows by 1 */
export interface Moving {
  readonly local: number;
  readonly by: number;
}

/** constants folded into the base, the terms whose variables are in scope, both in bytes */
function split(f: Func, a: Affine, bytes: number): Split {
  let base = a.base * bytes;
  const terms = new Map<Var, number>();
  for (const { v, by } of a.terms) {
    const bind = f.env.get(v);
    if (bind?.k === "const") base += bind.value * by * bytes;
    else if (bind) terms.set(v, (terms.get(v) ?? 0) + by * bytes);
  }
  const sorted = [...terms].filter(([, by]) => by !== 0).map(([v, by]) => ({ v, by }));
  return { base, terms: sorted.sort((x, y) => f.id(x.v) - f.id(y.v)) };
}
const keyOf = (f: Func, buf: Buf, terms: readonly Term[]): string =>
  [buf.name, ...terms.map(t => `${f.id(t.v)}*${t.by}`)].join(" ");

/**
 * Each access to memory in a block, and each variable that is used as a value: in expressions, in bounds, in places of a buffer
 * that is allocated further inside (its pointers start there), and all free ones of an outlined block.
 */
export function walk(
  b: Block,
  access: (buf: Buf, a: At) => void,
  use: (v: Var) => void,
  unrolled: Set<Var> = new Set(),
  outlined = false,
  allocated: ReadonlySet<Buf> = new Set(),
): void {
  const affine = (a: Affine): void => {
    for (const t of a.terms) use(t.v);
  };
  const seen = (buf: Buf, a: At): void => {
    if (buf.space === "reg") return;
    access(buf, a);
    if (outlined || allocated.has(buf)) affine(a);
  };
  const expression = (e: Expr): void => {
    if (e.k === "var") use(e);
    if (e.k === "load") seen(e.buf, e.at);
    children(e).forEach(expression);
  };
  for (const s of b) {
    if (s.k === "for") {
      [...s.from, ...s.to].forEach(affine);
      if (s.as === "unroll") unrolled.add(s.iv);
    }
    if (s.k === "store" || s.k === "atomic") seen(s.buf, s.at);
    exprs(s).forEach(expression);
    // a part has pointers of its own: here only its free variables count
    const part = s.k === "for" && s.as === "call";
    const inside = s.k === "alloc" && s.buf.space !== "reg" ? new Set([...allocated, s.buf]) : allocated;
    for (const c of blocks(s)) walk(c, part ? () => {} : access, use, unrolled, outlined || part, inside);
  }
}

interface Need {
  readonly buf: Buf;
  readonly terms: readonly Term[];
  /** the lowest constant that is added to the terms */
  readonly low: number;
}
/** pointers that accesses of a block need and that `which` picks */
function needs(f: Func, body: Block, which: (buf: Buf, terms: readonly Term[]) => boolean): ReadonlyMap<string, Need> {
  const need = new Map<string, Need>();
  const unrolled = new Set<Var>();
  const accesses: { buf: Buf; at: At }[] = [];
  walk(
    body,
    (buf, at) => accesses.push({ buf, at }),
    () => {},
    unrolled,
  );
  for (const { buf, at } of accesses) {
    const bytes = STORED_BYTES[buf.store];
    const { base, terms } = split(f, at, bytes);
    // a buffer allocated further inside has no pointer yet
    if (!f.pointers.has(buf.name) || !which(buf, terms)) continue;
    const lowest = (low: number, t: Term): number =>
      unrolled.has(t.v) && !f.env.has(t.v) ? low + Math.min(0, t.by * ((t.v.below ?? 1) - 1)) * bytes : low;
    const key = keyOf(f, buf, terms);
    need.set(key, { buf, terms, low: Math.min(need.get(key)?.low ?? 0, at.terms.reduce(lowest, base)) });
  }
  return need;
}
/** makes the pointers that a new variable needs; start: its first value, a local or a constant */
export function enter(f: Func, v: Var, body: Block, start: { value: number } | { local: number }): readonly Moving[] {
  const need = needs(f, body, (_, terms) => terms.some(t => t.v === v));
  return [...need].map(([key, { buf, terms, low }]) => {
    const parent = pointer(
      f,
      buf,
      terms.filter(t => t.v !== v),
    );
    const by = terms.find(t => t.v === v)!.by;
    const local = f.local(I32);
    const fixed = low - parent.bias + ("value" in start ? start.value * by : 0);
    const base = f.get(parent.local);
    const moved = "local" in start ? f.m.i32.add(base, f.m.i32.mul(f.get(start.local), f.i(by))) : base;
    f.set(local, f.offset(moved, fixed));
    f.pointers.set(key, { local, bias: low });
    return { local, by };
  });
}
/** makes the pointers into a new buffer that variables around it need; the buffer's own is there */
export function enterBuffer(f: Func, b: Buf, body: Block): readonly Moving[] {
  const base = pointer(f, b, []);
  return [...needs(f, body, (buf, terms) => buf === b && terms.length > 0)].map(([key, { terms, low }]) => {
    const local = f.local(I32);
    const place = terms.reduce((p, t) => f.m.i32.add(p, f.m.i32.mul(f.dynamic(t.v), f.i(t.by))), f.get(base.local));
    f.set(local, f.offset(place, low));
    f.pointers.set(key, { local, bias: low });
    return { local, by: 0 };
  });
}
/** the variable's scope has ended */
export function leave(f: Func, moving: readonly Moving[]): void {
  const gone = new Set(moving.map(p => p.local));
  for (const [key, p] of f.pointers) if (gone.has(p.local)) f.pointers.delete(key);
  f.release(I32, gone);
}
function pointer(f: Func, buf: Buf, terms: readonly Term[]): { local: number; bias: number } {
  const p = f.pointers.get(keyOf(f, buf, terms));
  if (!p)
    throw new Error(
      `internal: ${f.name}: no pointer for ${buf.name}, ${terms.map(t => `${t.v.name}*${t.by}`).join(" ")}`,
    );
  return p;
}
/** where element `a` lies; extra: bytes to add */
export function address(f: Func, buf: Buf, a: Affine, extra = 0): Address {
  const { base, terms } = split(f, a, STORED_BYTES[buf.store]);
  const p = pointer(f, buf, terms);
  const offset = base - p.bias;
  const immediate = (bytes: number): boolean => bytes >= 0 && bytes <= GUARD;
  // natives of one statement are less than NEAR apart: all of them take the same way
  if (immediate(offset) && immediate(offset + NEAR) && immediate(offset + extra))
    return { ptr: f.get(p.local), offset: offset + extra };
  if (immediate(extra)) return { ptr: f.far(p.local, offset), offset: extra };
  return { ptr: f.offset(f.get(p.local), offset + extra), offset: 0 };
}
/** a subscript of registers, in elements */
export function subscript(f: Func, buf: Buf, a: Affine): number {
  const { base, terms } = split(f, a, 1);
  if (terms.length) throw new Error(`internal: ${f.name}: the subscript of ${buf.name} is not constant`);
  return base;
}
export function constantBound(f: Func, b: Bound, least: boolean): number | undefined {
  const forms = b.map(a => split(f, a, 1));
  if (forms.some(x => x.terms.length)) return undefined;
  const values = forms.map(x => x.base);
  return least ? Math.min(...values) : Math.max(...values);
}
/** from: the largest, to: the smallest (least) of the forms */
export function bound(f: Func, b: Bound, least: boolean): Ref {
  const one = (a: Affine): Ref => {
    const { base, terms } = split(f, a, 1);
    return terms.reduce<Ref>((e, { v, by }) => {
      const t = by === 1 ? f.dynamic(v) : f.m.i32.mul(f.dynamic(v), f.i(by));
      return f.m.i32.add(e, t);
    }, f.i(base));
  };
  return b.slice(1).reduce<Ref>((e, a) => {
    const [x, y] = [f.keep(e, I32), f.keep(one(a), I32)];
    return f.m.select(least ? f.m.i32.lt_s(x(), y()) : f.m.i32.gt_s(x(), y()), x(), y());
  }, one(b[0]!));
}
