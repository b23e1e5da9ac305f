/**
 * LOOP's verifier: types, scopes, registers, and that each affine access lies inside its buffer for every number of records.
 * Knows nothing of targets.
 */

import {
  type Affine,
  type At,
  affine,
  type Block,
  type Bound,
  type Buf,
  children,
  type Expr,
  exprs,
  type LoopKernel,
  plus,
  registerType,
  type Stmt,
  type Ty,
  type Var,
} from "./loop.ts";
import { type Linear, linear, minus, nonNegative, ofDim, ofExtent, ofItems, scaled } from "./loop-bound.ts";
import { PRIMS, takes } from "./prim.ts";
import { loaded, STORED_BYTES } from "./type.ts";

export interface LoopVerdict {
  readonly errors: readonly string[];
  /** accesses that substitution does not prove inside: emit proved them on coordinates, which is stronger */
  readonly unproved: readonly string[];
  /** accesses proved inside their buffers; accesses exempt: masked, gathered, of unknown extent */
  readonly proved: number;
  readonly exempt: number;
  /** most 128-bit registers that register buffers hold at one time */
  readonly registers: number;
}
/** more than this spills whatever the machine: 16 vector registers of 128 bits are what x86 has */
const REGISTERS = 256;

interface Range {
  readonly from: Bound;
  readonly to: readonly (Affine | Linear)[];
  /** constant while a kernel is generated */
  readonly known: boolean;
}

export function verifyLoop(k: LoopKernel, limits: { readonly registers?: number } = {}): LoopVerdict {
  const errors: string[] = [];
  const unproved: string[] = [];
  let [proved, exempt, registers, most] = [0, 0, 0, 0];
  const error = (what: string): void => {
    errors.push(`${k.name}: ${what}`);
  };
  const ranges = new Map<Var, Range>();
  const order: Var[] = [];
  const scope = new Set<Var>();
  const buffers = new Map<Buf, Ty | undefined>();
  /** forms that the conditions around the code being checked say are not negative */
  let given: readonly Affine[] = [];
  /** register buffers of the code around an `as: "call"` part */
  let outside = new Set<Buf>();

  // ---- bounds
  const isLinear = (f: Affine | Linear): f is Linear => "by" in f;
  /** upper bounds that substitution finds: the innermost variable first, each of its bounds tried */
  function upper(a: Affine, add: Linear): readonly Linear[] {
    const innermost = a.terms.reduce<Var | undefined>(
      (x, t) => (x && order.indexOf(x) > order.indexOf(t.v) ? x : t.v),
      undefined,
    );
    if (!innermost) return [minus(add, linear(-a.base))];
    const by = a.terms.find(t => t.v === innermost)!.by;
    const rest: Affine = { base: a.base, terms: a.terms.filter(t => t.v !== innermost) };
    const range = ranges.get(innermost);
    if (!range) return [];
    if (by < 0) return range.from.flatMap(f => upper(plus(rest, f, by), add));
    return range.to.flatMap(f =>
      isLinear(f)
        ? upper(rest, minus(add, scaled(minus(linear(1), f), by)))
        : upper(plus(rest, plus(f, affine(-1)), by), add),
    );
  }
  const negated = (a: Affine): Affine => plus(affine(0), a, -1);
  /** forms at least as large as `a`: with so much of what is given that a variable cancels, up to twice */
  const larger = (a: Affine, depth = 2): readonly Affine[] => {
    if (depth === 0) return [a];
    const more = given.flatMap(g =>
      g.terms.flatMap(t => {
        const scale = -(a.terms.find(x => x.v === t.v)?.by ?? 0) / t.by;
        return scale > 0 ? larger(plus(a, g, scale), depth - 1) : [];
      }),
    );
    return [a, ...more];
  };
  const atMost = (a: Affine, most: Linear): boolean =>
    larger(a).some(form => upper(form, linear(0)).some(x => nonNegative(minus(most, x))));
  function inside(b: Buf, at: At, lanes: number): void {
    const extent = b.extent === "unknown" ? undefined : ofExtent(b.extent);
    if (!extent || at.gather) {
      exempt++;
      return;
    }
    const last = (at.stride ?? 1) * (lanes - 1);
    const [low, high] = [Math.min(0, last), Math.max(0, last)];
    // extent - 1 - (a + high) >= 0 and a + low >= 0
    const below = atMost(at, minus(extent, linear(1 + high)));
    const above = atMost(negated(at), linear(low));
    if (below && above) proved++;
    else
      unproved.push(
        `${k.name}: ${b.name}[${show(at)}] with ${lanes} lanes is not proved to be ${below ? "at or above 0" : "inside"}`,
      );
  }
  const show = (a: Affine): string => [a.base, ...a.terms.map(t => `${t.by}*${t.v.name}`)].join(" + ");

  // ---- expressions
  const sameTy = (a: Ty, b: Ty): boolean => a.elem === b.elem && a.lanes === b.lanes;
  const showTy = (t: Ty): string => (t.lanes === 1 ? t.elem : `${t.elem}x${t.lanes}`);
  function variable(v: Var, subscript: boolean): void {
    if (!scope.has(v)) error(`${v.name} is not in scope`);
    if (subscript && (v.ty.lanes !== 1 || (v.ty.elem !== "i32" && v.ty.elem !== "u32")))
      error(`${v.name}: ${showTy(v.ty)} in an affine form`);
  }
  const form = (a: Affine): void => {
    for (const t of a.terms) variable(t.v, true);
  };
  function maskOf(mask: Expr | undefined, lanes: number): void {
    if (!mask) return;
    if (mask.ty.elem !== "bool" || (mask.ty.lanes !== 1 && mask.ty.lanes !== lanes))
      error(`a mask of ${showTy(mask.ty)} for ${lanes} lanes`);
  }
  function access(b: Buf, at: At, t: Ty, mask: Expr | undefined): void {
    form(at);
    maskOf(mask, t.lanes);
    if (!buffers.has(b)) {
      error(`${b.name} is used outside its alloc`);
      return;
    }
    if (loaded(b.store) !== t.elem) error(`${b.name} holds ${b.store}, not ${t.elem}`);
    if (at.gather && (at.gather.ty.elem !== "i32" || at.gather.ty.lanes !== t.lanes))
      error(`a gather of ${showTy(at.gather.ty)} for ${t.lanes} lanes of ${b.name}`);
    if (b.space === "reg") register(b, at, t);
    if (mask) exempt++;
    else inside(b, at, t.lanes);
  }
  function register(b: Buf, at: At, t: Ty): void {
    const first = buffers.get(b);
    if (first && !sameTy(first, t)) error(`registers ${b.name} are used as ${showTy(first)} and ${showTy(t)}`);
    buffers.set(b, t);
    if (outside.has(b)) error(`registers ${b.name} are used in another function`);
    if (at.gather || (at.stride ?? 1) !== 1) error(`registers ${b.name} are gathered`);
    if (loaded(b.store) !== b.store) error(`registers ${b.name} hold ${b.store}`);
    if (at.base % t.lanes || at.terms.some(x => x.by % t.lanes))
      error(`the subscript ${show(at)} of ${b.name} is not a multiple of ${t.lanes}`);
    for (const x of at.terms)
      if (!ranges.get(x.v)?.known) error(`the subscript ${show(at)} of ${b.name} is not constant after unrolling`);
  }
  function expression(e: Expr): void {
    for (const c of children(e)) expression(c);
    if (e.k === "var") variable(e, false);
    else if (e.k === "load") access(e.buf, e.at, e.ty, e.mask);
    else if (e.k === "prim") primitive(e);
    else if (e.k === "fold") {
      if (e.arg.ty.elem !== e.ty.elem || e.arg.ty.lanes % e.ty.lanes || e.ty.elem === "bool")
        error(`fold ${e.op} of ${showTy(e.arg.ty)} to ${showTy(e.ty)}`);
    }
  }
  function primitive(e: Extract<Expr, { k: "prim" }>): void {
    const wrong = typesOf(e);
    if (wrong) error(`${e.prim} of ${e.args.map(a => showTy(a.ty)).join(", ")} gives ${showTy(e.ty)}: ${wrong}`);
  }

  // ---- statements
  function bind(v: Var, range: Range): void {
    if ([...scope].some(o => o.name === v.name)) error(`${v.name} is bound twice`);
    scope.add(v);
    ranges.set(v, range);
    order.push(v);
  }
  function unbind(v: Var): void {
    scope.delete(v);
    ranges.delete(v);
    order.splice(order.lastIndexOf(v), 1);
  }
  function loop(s: Extract<Stmt, { k: "for" }>): void {
    [...s.from, ...s.to].forEach(form);
    if (s.step < 1 || s.from.length === 0 || s.to.length === 0)
      error(`the loop over ${s.iv.name} has no bounds or step`);
    const known = [...s.from, ...s.to].every(f => f.terms.every(t => ranges.get(t.v)?.known));
    if (s.as === "unroll" && !known) error(`the bounds of ${s.iv.name} are not constant after unrolling`);
    const constant = [...s.from, ...s.to].every(f => f.terms.length === 0);
    const from = Math.max(...s.from.map(f => f.base));
    const to = Math.min(...s.to.map(f => f.base));
    const trips = Math.max(0, Math.ceil((to - from) / s.step));
    if (constant && trips > 0 && s.iv.below !== undefined && (from < 0 || from + (trips - 1) * s.step >= s.iv.below))
      error(`${s.iv.name} runs from ${from} to ${to}, not below ${s.iv.below}`);
    const range: Range = {
      from: s.from,
      to: constant ? [affine(from + (trips - 1) * s.step + 1)] : s.to,
      known: known && (s.as === "unroll" || (constant && trips <= 1)),
    };
    if (constant && trips === 0) return; // never runs: emit leaves such loops where tiles divide evenly
    bind(s.iv, range);
    const [around, facts] = [outside, given];
    if (s.from.length + s.to.length > 2)
      given = [
        ...given,
        ...s.from.map(f => plus(affine(0, { v: s.iv, by: 1 }), f, -1)),
        ...s.to.map(f => plus(plus(f, affine(-1)), affine(0, { v: s.iv, by: 1 }), -1)),
      ];
    if (s.as === "call") outside = new Set([...buffers.keys()].filter(b => b.space === "reg"));
    block(s.body);
    outside = around;
    given = facts;
    unbind(s.iv);
  }
  function allocate(s: Extract<Stmt, { k: "alloc" }>): void {
    const b = s.buf;
    if (typeof b.extent !== "number") {
      error(`${b.name} is allocated without a fixed extent`);
      return;
    }
    if (b.space === "param") error(`${b.name} is a parameter and allocated`);
    if ([...buffers.keys()].some(o => o.name === b.name)) error(`${b.name} is allocated twice`);
    buffers.set(b, undefined);
    const before = registers;
    const t = b.space === "reg" ? registerType(b, s.body) : undefined;
    if (t) registers += Math.ceil((b.extent / t.lanes) * Math.max(1, (t.lanes * STORED_BYTES[b.store]) / 16));
    most = Math.max(most, registers);
    block(s.body);
    registers = before;
    buffers.delete(b);
  }
  function branch(s: Extract<Stmt, { k: "if" }>): void {
    const before = given;
    given = [...before, ...notNegative(s.cond)];
    block(s.then);
    given = before;
    block(s.else);
  }
  function block(b: Block): void {
    const lets: Var[] = [];
    for (const s of b) {
      exprs(s).forEach(expression);
      switch (s.k) {
        case "for":
          loop(s);
          break;
        case "if":
          if (!sameTy(s.cond.ty, { elem: "bool", lanes: 1 })) error(`if of ${showTy(s.cond.ty)}`);
          branch(s);
          break;
        case "let":
          if (!sameTy(s.to.ty, s.value.ty)) error(`${s.to.name}: ${showTy(s.to.ty)} is given ${showTy(s.value.ty)}`);
          bind(s.to, {
            ...(s.to.below === undefined ? quotient(k.n, s.value) : { from: [affine(0)], to: [affine(s.to.below)] }),
            known: constantExpr(s.value),
          });
          lets.push(s.to);
          break;
        case "store":
          access(s.buf, s.at, s.value.ty, s.mask);
          break;
        case "atomic":
          access(s.buf, s.at, s.value.ty, s.mask);
          if (STORED_BYTES[s.buf.store] < 4 || s.buf.space === "reg" || s.buf.store === "bool")
            error(`an atomic on ${s.buf.store} in ${s.buf.space} memory`);
          if (s.op === "or" && !takes("or", s.value.ty.elem)) error(`an atomic or of ${s.value.ty.elem}`);
          break;
        case "alloc":
          allocate(s);
          break;
        case "barrier":
          if (k.group.length === 0) error("a barrier without a group");
          break;
        case "frag":
          error("matrix fragments are not supported yet");
          break;
        default:
          s satisfies never;
      }
    }
    for (const v of lets) unbind(v);
  }
  const constantExpr = (e: Expr): boolean =>
    e.k === "const" || (e.k === "var" ? (ranges.get(e)?.known ?? false) : e.k === "prim" && e.args.every(constantExpr));

  for (const p of k.params) {
    if (p.space !== "param") error(`${p.name} is a parameter in ${p.space} memory`);
    if ([...buffers.keys()].some(o => o.name === p.name)) error(`two parameters are called ${p.name}`);
    buffers.set(p, undefined);
  }
  const zero: Bound = [affine(0)];
  if (k.n) bind(k.n, { from: zero, to: [minus(ofDim({ n: 1, plus: 0 }), linear(-1))], known: false });
  for (const g of k.grid) bind(g.iv, { from: zero, to: [ofItems(g.to)], known: false });
  for (const g of k.group) bind(g.iv, { from: zero, to: [affine(g.size)], known: false });
  block(k.body);
  const limit = limits.registers ?? REGISTERS;
  if (most > limit) error(`${most} registers are alive at one time, more than ${limit}`);
  return { errors: [...new Set(errors)], unproved: [...new Set(unproved)], proved, exempt, registers: most };
}

/** an affine form written out */
function affineOf(e: Expr): Affine | undefined {
  if (e.k === "const") return affine(e.value);
  if (e.k === "var") return affine(0, { v: e, by: 1 });
  if (e.k !== "prim" || (e.prim !== "add" && e.prim !== "mul")) return undefined;
  const [a, b] = e.args.map(affineOf);
  if (!a || !b) return undefined;
  if (e.prim === "add") return plus(a, b);
  return b.terms.length ? undefined : plus(affine(0), a, b.base);
}
/** what a condition says: 0 <= form, several joined by `and` */
function notNegative(e: Expr): readonly Affine[] {
  if (e.k !== "prim") return [];
  if (e.prim === "and") return e.args.flatMap(notNegative);
  const [zero, x] = e.args;
  const form = e.prim === "le" && zero?.k === "const" && zero.value === 0 && x ? affineOf(x) : undefined;
  return form ? [form] : [];
}
/** the range of (a * n + c) / by: with c a multiple of `by` less 1 it is a number of panels, a ceiling */
function quotient(n: Var | undefined, e: Expr): Pick<Range, "from" | "to"> {
  const none = { from: [], to: [] };
  const [x, by] = e.k === "prim" && e.prim === "div" ? e.args : [];
  const form = x && affineOf(x);
  const [t, ...others] = form?.terms ?? [];
  if (!form || !t || others.length || by?.k !== "const" || by.value < 1) return none;
  if (t.v !== n || t.by < 0 || form.base < 0) return none;
  const floor = minus(scaled(ofDim({ n: t.by, plus: form.base }), 1 / by.value), linear(-1));
  const ceiling = minus(ofItems({ of: { n: t.by, plus: form.base - by.value + 1 }, by: by.value }), linear(-1));
  return { from: [affine(0)], to: form.base < by.value - 1 ? [floor] : [floor, ceiling] };
}
/** what is wrong with a primitive's types */
function typesOf(e: Extract<Expr, { k: "prim" }>): string | undefined {
  const { prim: p, args, ty: t } = e;
  const last = args.at(-1)?.ty;
  if (p === "iota")
    return args.length || t.lanes === 1 || !takes("shl", t.elem) ? "lane numbers are an integer vector" : undefined;
  if (!last) return "arguments are missing";
  if (p === "splat")
    return args.length === 1 && last.lanes === 1 && last.elem === t.elem ? undefined : "a splat takes one scalar";
  if (p === "extract")
    return args.length === 1 && t.lanes === 1 && last.elem === t.elem && (e.lane ?? 0) < last.lanes
      ? undefined
      : "no such lane";
  if (args.some(a => a.ty.lanes !== t.lanes)) return "lanes differ";
  const operands = p === "select" ? args.slice(1) : args;
  if (operands.some(a => a.ty.elem !== last.elem)) return "elements differ";
  if (p === "fma")
    return args.length === 3 && t.elem === last.elem && takes("add", t.elem) ? undefined : "fma takes three numbers";
  const record = PRIMS[p];
  if (args.length !== record.arity) return `it takes ${record.arity}`;
  if (!takes(p, last.elem)) return `it takes ${record.of}`;
  if (p === "select" && args[0]!.ty.elem !== "bool") return "it selects by a bool";
  if (p === "bitcast") {
    const words = t.elem !== "bool" && last.elem !== "bool" && STORED_BYTES[t.elem] === STORED_BYTES[last.elem];
    return words ? undefined : "widths differ";
  }
  if (record.result === "bool") return t.elem === "bool" ? undefined : "it gives a bool";
  return record.result === "attr" || t.elem === last.elem ? undefined : "it gives what it takes";
}
