/** What a LOOP kernel costs: its floating-point operations, pads and masked lanes included, and the size of what it is given. Knows no schedule. */
import {
  type Affine,
  type Block,
  type Bound,
  type Buf,
  blocks,
  children,
  type Expr,
  exprs,
  type LoopKernel,
  type Stmt,
  type Var,
} from "./loop.ts";
import { atN } from "./type.ts";

/** elements of a buffer with n records; undefined: as many as it is given */
export function elements({ extent }: Buf, n: number): number | undefined {
  if (extent === "unknown") return undefined;
  if (typeof extent === "object" && "of" in extent) return Math.ceil(atN(extent.of, n) / extent.by) * extent.unit;
  return atN(extent, n);
}

type Values = Map<Var, number>;
const at = (a: Affine, values: Values): number => a.terms.reduce((x, t) => x + t.by * (values.get(t.v) ?? 0), a.base);
const bounds = (b: Bound, values: Values, pick: (...x: number[]) => number): number =>
  pick(...b.map(a => at(a, values)));

/** what `own` says of each statement, as often as it runs in item `item` of grid[0], on all of the other grid axes, with n records */
export function sumOver(k: LoopKernel, n: number, item: number, own: (s: Stmt) => number): number {
  const values: Values = new Map();
  if (k.n) values.set(k.n, n);
  const [first, ...rest] = k.grid;
  if (first) values.set(first.iv, item);
  let times = 1;
  for (const g of rest) {
    const d = typeof g.to === "object" && "of" in g.to ? g.to.of : g.to;
    const size = typeof d === "number" ? d : d.n * n + d.plus;
    times *= typeof g.to === "object" && "of" in g.to ? Math.ceil(size / g.to.by) : size;
  }
  return times * block(k.body, values, own);
}
/** operations of item `item` */
export const flops = (k: LoopKernel, n: number, item: number): number =>
  sumOver(k, n, item, s => exprs(s).reduce((x, e) => x + operations(e), 0));
type Own = (s: Stmt) => number;
function block(b: Block, values: Values, own: Own): number {
  let sum = 0;
  for (const s of b) sum += statement(s, values, own);
  return sum;
}
function statement(s: Stmt, values: Values, own: Own): number {
  if (s.k === "let" && s.to.ty.lanes === 1) values.set(s.to, evaluate(s.value, values));
  if (s.k === "if") return own(s) + block(evaluate(s.cond, values) ? s.then : s.else, values, own);
  if (s.k !== "for") return own(s) + blocks(s).reduce((x, b) => x + block(b, values, own), 0);
  const from = bounds(s.from, values, Math.max);
  const to = bounds(s.to, values, Math.min);
  const trips = Math.max(0, Math.ceil((to - from) / s.step));
  if (trips === 0) return 0;
  const each = own(s);
  if (!shapes(s.body, s.iv)) {
    values.set(s.iv, from);
    return trips * (each + block(s.body, values, own));
  }
  let sum = 0;
  for (let i = from; i < to; i += s.step) {
    values.set(s.iv, i);
    sum += each + block(s.body, values, own);
  }
  return sum;
}
/** does a variable decide how much is computed: in bounds, conditions, or by way of a scalar let that does */
const shaping = new WeakMap<Block, ReadonlySet<Var>>();
function shapes(b: Block, v: Var): boolean {
  let found = shaping.get(b);
  if (!found) {
    const all = new Set<Var>();
    collect(b, all);
    shaping.set(b, (found = all));
  }
  return found.has(v);
}
function collect(b: Block, out: Set<Var>): void {
  const vars = (e: Expr): void => {
    if (e.k === "var") out.add(e);
    if (e.k === "load") for (const t of e.at.terms) out.add(t.v);
    children(e).forEach(vars);
  };
  // from the end: what reads a let stands behind it
  for (const s of b.toReversed()) {
    for (const c of blocks(s)) collect(c, out);
    if (s.k === "for") for (const a of [...s.from, ...s.to]) for (const t of a.terms) out.add(t.v);
    if (s.k === "if") vars(s.cond);
    if (s.k === "let" && out.has(s.to)) vars(s.value);
  }
}
const isFloat = (e: Expr): boolean => e.ty.elem === "f32" || e.ty.elem === "f64";
const ARITHMETIC = new Set(["add", "sub", "mul", "div", "min", "max", "neg", "abs", "sqrt"]);
function operations(e: Expr): number {
  const inner = children(e).reduce((x, c) => x + operations(c), 0);
  if (e.k === "fold") return inner + (e.arg.ty.lanes - e.ty.lanes);
  if (e.k !== "prim" || !isFloat(e)) return inner;
  if (e.prim === "fma") return inner + 2 * e.ty.lanes;
  return inner + (ARITHMETIC.has(e.prim) ? e.ty.lanes : 0);
}
/** integers of headers and conditions; what is not known is 0 */
function evaluate(e: Expr, values: Values): number {
  if (e.k === "var") return values.get(e) ?? 0;
  if (e.k === "const") return e.value;
  if (e.k !== "prim") return 0;
  const [x, y] = e.args.map(a => evaluate(a, values)) as [number, number];
  switch (e.prim) {
    case "add":
      return x + y;
    case "sub":
      return x - y;
    case "mul":
      return x * y;
    case "div":
      return Math.trunc(x / y);
    case "rem":
      return x % y;
    case "max":
      return Math.max(x, y);
    case "le":
      return Number(x <= y);
    case "lt":
      return Number(x < y);
    case "eq":
      return Number(x === y);
    case "and":
      return Number(x && y);
    case "or":
      return Number(x || y);
    case "not":
      return Number(!x);
    default:
      return 0;
  }
}
