/** fold, scan and reduce over lists of the run: a state from element to element, which keeps its type. Knows no engine. */
import type * as Ast from "../ast.ts";
import { type Expr, type LeafType, leaves, mapTree, type Tree } from "../core.ts";
import { apply, cellsOf, parameters, rowTree, valueOfTree } from "./apply.ts";
import * as build from "./build.ts";
import { fail, placed, Reported } from "./context.ts";
import { callableOf } from "./given.ts";
import { listType, sequence } from "./list.ts";
import { firstOfSequence } from "./sequence.ts";
import { type OfList, partOf } from "./sequence-order.ts";
import { describe, isFloat, promote, showType } from "./types.ts";
import { type Frame, type Given, type Sequence, settled, treeOf, type Value } from "./value.ts";

interface Folding {
  readonly name: string;
  readonly list: Sequence;
  readonly state: Given;
  readonly fn: Given;
  /** all states */
  readonly all: boolean;
}
/** a list of the last state, or of all */
function folded(f: Frame, l: Folding, site: Ast.Expr): Sequence {
  const fn = callableOf(f, l.name, l.fn);
  const start = cellsOf(f, l.state.value, l.state.span, `the state of ${l.name}`);
  const depth = f.depth + 1;
  const inner: Frame = { ...f, depth };
  const element = parameters(l.list.expr.type.of, depth, l.fn.span);
  const step = (types: Tree<LeafType>): { state: ReturnType<typeof parameters>; next: Tree<Expr> } => {
    const state = parameters(types, depth, l.state.span);
    const v = apply(inner, fn, [state.value, element.value], l.fn.span, site);
    if (v.k === "poison") throw new Reported();
    return { state, next: cellsOf(inner, v, l.fn.span, `the state of ${l.name}`) };
  };
  let types = rowTree(start);
  let made = step(types);
  const wider = widened(l.state.value, types, made.next);
  if (wider) {
    types = wider;
    made = step(types);
  }
  const next = kept(f, l, types, made.next);
  const body = build.closeFn([...made.state.vars, ...element.vars], next, depth, l.fn.span);
  const first = leaves(types).map(([path, t]) => {
    const e = leaves(start).find(([p]) => p === path)![1];
    return t.k === "tensor" ? build.cast(e, t.elem, l.state.span) : e;
  });
  const args = [l.list.expr, ...first];
  return sequence(
    build.op("list.fold", args, listType(types), placed(f, site.span), { attrs: { all: l.all }, fns: { f: body } }),
  );
}
/** literals of the state in the element of what becomes of them; undefined where nothing changes */
function widened(state: Value, was: Tree<LeafType>, next: Tree<Expr>): Tree<LeafType> | undefined {
  const literals = new Map(leaves(treeOf(state)));
  const later = new Map(leaves(next));
  let any = false;
  const types = mapTree(was, (t, path): LeafType => {
    const [v, to] = [literals.get(path), later.get(path)?.type];
    const isLiteral = v?.k === "constant" && (v.elem === "int" || v.elem === "decimal");
    if (!isLiteral || t.k !== "tensor" || to?.k !== "tensor" || to.elem === t.elem) return t;
    const common = promote(v.elem, to.elem);
    if (common === undefined) return t;
    any = true;
    return { ...t, elem: settled(common) };
  });
  return any ? types : undefined;
}
function kept(f: Frame, l: Folding, was: Tree<LeafType>, next: Tree<Expr>): Tree<Expr> {
  const later = new Map(leaves(next));
  const differ = (): never =>
    fail(f, {
      message: `the state changes its type in ${l.name}: ${describe(l.state.value)} becomes ${describe(valueOfTree(next))}`,
      span: l.fn.span,
    });
  if (later.size !== leaves(was).length) return differ();
  return mapTree(was, (t, path) => {
    const e = later.get(path) ?? differ();
    if (showType(e.type) === showType(t)) return e;
    const both = e.type.k === "tensor" && t.k === "tensor" && e.type.shape.length === t.shape.length;
    if (!both || t.k !== "tensor" || e.type.k !== "tensor" || !isFloat(e.type.elem) || !isFloat(t.elem))
      return differ();
    return build.cast(e, t.elem);
  });
}

const fold: OfList = (f, list, args, site) => {
  const l = { name: "fold", list, state: args.get("s")!, fn: args.get("f")!, all: false };
  return firstOfSequence(f, folded(f, l, site), "a fold", site.span);
};
const scan: OfList = (f, list, args, site) =>
  folded(f, { name: "scan", list, state: args.get("s")!, fn: args.get("f")!, all: true }, site);
/** of nothing there is no result: a fault of this place */
const reduce: OfList = (f, list, args, site) => {
  const [d, fn] = [args.get("d")!, args.get("f")!];
  const state: Given = { ...d, value: firstOfSequence(f, list, "a list", site.span) };
  const rest = partOf(f, list, 1, null, site.span);
  return firstOfSequence(
    f,
    folded(f, { name: "reduce", list: rest, state, fn, all: false }, site),
    "a list",
    site.span,
  );
};
export const foldsOfLists: ReadonlyMap<string, OfList> = new Map<string, OfList>([
  ["fold", fold],
  ["scan", scan],
  ["reduce", reduce],
]);
