/** iterate, fold, scan: a state that keeps its type from trip to trip. Over lists they are unrolled. */
import type * as Ast from "../ast.ts";
import { type Expr, type Fn, leaves, mapTree, type TensorType, type Tree } from "../core.ts";
import { foldInRow, makesTexts, stackable, withAxis } from "./along.ts";
import { apply, cellsOf, parameters, typeTree, valueOfTree } from "./apply.ts";
import * as build from "./build.ts";
import { fail, placed, Reported } from "./context.ts";
import { type Dim, sameDim } from "./dims.ts";
import { type Args, callableOf, dimOf, orNone, shown, simple } from "./given.ts";
import { toExpr } from "./operate.ts";
import { kept } from "./optimizer.ts";
import { stacked, unrolled } from "./rdd.ts";
import { repeated } from "./scope.ts";
import { describe, promote } from "./types.ts";
import { type Frame, type Given, isTensor, type Special, settled, treeOf, typeOf, type Value } from "./value.ts";

interface Loop {
  readonly name: string;
  readonly state: Given;
  readonly fn: Given;
  readonly times: Dim;
  /** slices along axis 0 are the second argument of the function */
  readonly xs?: Given;
  readonly until?: Given;
  /** all states, stacked */
  readonly all: boolean;
}

function loop(f: Frame, l: Loop, site: Ast.Expr): Value {
  const fn = callableOf(f, l.name, l.fn);
  const until = l.until && callableOf(f, `\`until\` of ${l.name}`, l.until);
  const start = stateIn(f, l.state.value, l.state.span, l.name);
  const depth = f.depth + 1;
  const inner: Frame = { ...repeated(f), depth };
  const xs = l.xs && cellsIn(f, l.xs.value, l.xs.span, `what ${l.name} goes over`);
  const slices =
    xs &&
    parameters(
      mapTree(typeTree(xs), t => ({ ...t, shape: t.shape.slice(1) })),
      depth,
      l.xs!.span,
    );
  let types = typeTree(start);
  let made = step();
  // a literal takes the type of what becomes of it
  const wider = widened(l.state.value, types, made.next);
  if (wider) {
    types = wider;
    made = step();
  }
  function step(): { state: ReturnType<typeof parameters>; next: Tree<Expr> } {
    const state = parameters(types, depth, l.state.span);
    const args = slices ? [state.value, slices.value] : [state.value];
    const v = apply(inner, fn, args, l.fn.span, site);
    if (v.k === "poison") throw new Reported();
    return { state, next: stateIn(inner, v, l.fn.span, l.name) };
  }
  const span = l.fn.span;
  const next = kept(f, types, made.next, "the state", span, l.name);
  const body = build.closeFn([...made.state.vars, ...(slices?.vars ?? [])], next, depth, span);
  const fns: Record<string, Fn> = { f: body };
  if (until) fns["until"] = condition(inner, until, l.until!, types, depth, site);
  const first = leaves(start).map(([, e], i) => build.cast(e, leaves(types)[i]![1].elem));
  const bodies = Object.values(fns).map(g => g.body);
  if (f.depth > 0 && makesTexts(bodies, f.depth)) {
    const folding = { start: first, f: body, until: fns["until"], all: l.all };
    return foldInRow(f, folding, types, xs ? leaves(xs).map(([, e]) => e) : [], l.times, site);
  }
  const result = mapTree(types, t => (l.all ? { ...t, shape: [l.times, ...t.shape] } : t));
  const of = leaves(result).map(([, t]) => t);
  const args = [...first, ...(xs ? leaves(xs).map(([, e]) => e) : [])];
  const attrs = { times: l.times, all: l.all, states: first.length };
  const node = build.op("loop", args, { k: "tuple", of }, placed(f, site.span), { attrs, fns });
  let i = 0;
  return valueOfTree(mapTree(result, t => build.get(node, i++, t, site.span)));
}
/** the tensors and texts of a state, which keep their sides from trip to trip */
function stateIn(f: Frame, v: Value, span: Ast.Span, name: string): Tree<Expr> {
  const net = leaves(treeOf(v)).find(([, x]) => x.k === "net")?.[1];
  if (net)
    return fail(f, {
      message: `the state of ${name} is made of numbers, strings and tensors, this is ${describe(net)}`,
      span,
      help: "repeat(net, 3, n => train(n, ..)) trains it on and on, so do calls one behind the other",
    });
  const cells = cellsOf(f, v, span, `the state of ${name}`);
  if (leaves(cells).some(([, e]) => e.type.k === "list"))
    return fail(f, {
      message: `the state of ${name} is made of tensors and strings, a list may have any length: this is ${describe(v)}`,
      span,
      help: 'one string of them all, as s + " " + t, and words(..) of it behind the loop',
    });
  return cells;
}
/** the tensors and texts of a value that is gone over */
function cellsIn(f: Frame, v: Value, span: Ast.Span, what: string): Tree<Expr> {
  const cells = cellsOf(f, v, span, what);
  stackable(f, cells, what, span);
  return cells;
}
/** (old, new) => bool */
function condition(f: Frame, fn: Value, g: Given, types: Tree<TensorType>, depth: number, site: Ast.Expr): Fn {
  const [old, now] = [parameters(types, depth, g.span), parameters(types, depth, g.span)];
  const v = apply(f, fn, [old.value, now.value], g.span, site, "until");
  if (v.k === "poison") throw new Reported();
  if (!isTensor(v) || typeOf(v).elem !== "bool" || typeOf(v).shape.length)
    return fail(f, {
      message: `\`until\` gives one bool, this is ${describe(v)}`,
      span: g.span,
      help: "until: (old, new) => norm(new - old) < 1e-6",
    });
  return build.closeFn([...old.vars, ...now.vars], { k: "leaf", of: toExpr(v, "bool", g.span) }, depth, g.span);
}
/** the types of the state with those of its literals as the function makes them; undefined where nothing changes */
function widened(state: Value, was: Tree<TensorType>, next: Tree<Expr>): Tree<TensorType> | undefined {
  const [a, b, c] = [leaves(treeOf(state)), leaves(was), leaves(next)];
  if (a.length !== c.length) return undefined;
  let any = false;
  const elems = b.map(([path, t], i) => {
    const v = a[i]![1];
    const to = c.find(([p]) => p === path)?.[1].type as TensorType | undefined;
    if (v.k !== "constant" || (v.elem !== "int" && v.elem !== "decimal") || !to || to.elem === t.elem) return t.elem;
    const common = promote(v.elem, to.elem);
    if (common === undefined) return t.elem;
    any = true;
    return settled(common);
  });
  let i = 0;
  return any ? mapTree(was, t => ({ ...t, elem: elems[i++]! })) : undefined;
}

function iterate(f: Frame, args: Args, site: Ast.Expr): Value {
  const [state, fn, times] = [args.get("x")!, args.get("f")!, args.get("times")!];
  const until = orNone(args, "until");
  const n = dimOf(f, "times", times, 0);
  const more = until.k === "none" ? {} : { until: args.get("until")! };
  return loop(f, { name: "iterate", state, fn, times: n, all: false, ...more }, site);
}
/** fold and scan */
function over(name: "fold" | "scan") {
  return (f: Frame, args: Args, site: Ast.Expr): Value => {
    const [c, state, fn] = [args.get("c")!, args.get("s")!, args.get("f")!];
    if (c.value.k === "poison") throw new Reported();
    if (c.value.k === "list") return overList(f, name, c, state, fn, site);
    if (c.value.k === "rdd")
      return fail(f, {
        message: `${name} goes over a tensor or a list, this is an ${describe(c.value)}`,
        span: c.span,
        help: `sum(${shown(f, c.span)}, ..), or collect(${shown(f, c.span)}) if it is small`,
      });
    const sides = leaves(treeOf(c.value)).map(([, v]) => withAxis(v, c.span)?.type.shape[0]);
    const times = sides[0];
    if (times === undefined || !sides.every(d => d !== undefined && sameDim(d, times)))
      return fail(f, { message: `${name} needs an axis to go along, this is ${describe(c.value)}`, span: c.span });
    return loop(f, { name, state, fn, times, xs: c, all: name === "scan" }, site);
  };
}
function overList(f: Frame, name: string, c: Given, state: Given, fn: Given, site: Ast.Expr): Value {
  if (c.value.k !== "list") throw new Reported();
  const g = callableOf(f, name, fn);
  let s = state.value;
  const states = c.value.items.map((x, i) => (s = apply(unrolled(f, site, i), g, [s, x], fn.span, site)));
  if (states.some(v => v.k === "poison")) throw new Reported();
  if (name === "fold") return s;
  return stacked(f, states, site.span);
}
export const loopSpecials: readonly (readonly [string, Special])[] = [
  simple("iterate(x, f, times, until = none)", iterate),
  simple("fold(c, s, f)", over("fold")),
  simple("scan(c, s, f)", over("scan")),
];
