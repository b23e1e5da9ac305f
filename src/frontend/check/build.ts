/** Makes Core nodes and closes functions over them: ids, depths, captures. Knows types as data, and no rule of typing. */
import type { Span } from "../../ir/node.ts";
import type {
  Check,
  Const,
  CoreElem,
  CoreType,
  Expr,
  Fn,
  Get,
  HistoryLeaf,
  LeafType,
  Net,
  Op,
  ParamLeaf,
  RddType,
  Source,
  Static,
  TensorType,
  Train,
  Tree,
  Var,
  WeightLeaf,
} from "../core.ts";
import { inputsOf, leaves } from "../core.ts";
import type { Dim } from "./dims.ts";

let serial = 0;
let texts = new Map<string, number>();
/** ids and the numbers of texts count from 0 in each program, so that Core prints the same each time */
export function resetIds(): void {
  serial = 0;
  texts = new Map();
}
export const nextId = (): number => ++serial;

const tensorType = (elem: CoreElem, shape: readonly Dim[] = []): TensorType => ({ k: "tensor", elem, shape });
const deepest = (es: readonly Expr[]): number => es.reduce((d, e) => Math.max(d, e.depth), 0);

/** a tensor constant, its elements row-major, or one number that stands for all of them */
export const constant = (value: Dim | readonly Dim[], type: TensorType, span: Span): Const => ({
  k: "const",
  id: nextId(),
  type,
  value,
  span,
  depth: 0,
});
/** a string: its number among the program's */
export function textConstant(text: string, span: Span): Const {
  if (!texts.has(text)) texts.set(text, texts.size);
  return constant(texts.get(text)!, tensorType("string"), span);
}
/** the strings that constants of the program are, by number */
export const textsOfProgram = (): readonly string[] => [...texts.keys()];
export const paramLeaf = (name: string, type: TensorType, span: Span): ParamLeaf => ({
  k: "param",
  id: nextId(),
  type,
  name,
  span,
  depth: 0,
});
export const variable = (name: string, type: LeafType, depth: number, span: Span): Var => ({
  k: "var",
  id: nextId(),
  type,
  name,
  span,
  depth,
});
export interface OpParts {
  readonly attrs?: Readonly<Record<string, Static>>;
  readonly fns?: Readonly<Record<string, Fn>>;
  readonly place?: string;
  readonly exact?: boolean;
  /** of the function in which a draw happens: it differs from call to call of it */
  readonly depth?: number;
  readonly net?: Train | undefined;
}
export function op(name: string, args: readonly Expr[], type: CoreType, span: Span, parts: OpParts = {}): Op {
  const fns = parts.fns ?? {};
  const all = Object.values(fns);
  // what draws does so in each call of the function around: the one in which its own functions stand, unless it is told
  const drawn = all.flatMap(f => (f.random ? f.params.map(p => p.depth - 1) : []));
  const around = parts.depth ?? Math.max(0, ...drawn);
  const depth = Math.max(deepest(args), deepest(all.flatMap(f => f.captures)), around);
  return {
    k: "op",
    id: nextId(),
    op: name,
    args,
    type,
    span,
    depth,
    fns,
    attrs: parts.attrs ?? {},
    ...(parts.exact ? { exact: true } : {}),
    ...(parts.place === undefined ? {} : { place: parts.place }),
    ...(parts.net ? { net: parts.net } : {}),
  };
}
export const get = (of: Expr, index: number, type: TensorType, span: Span): Get => ({
  k: "get",
  id: nextId(),
  of,
  index,
  type,
  span,
  depth: of.depth,
});
export const check = (of: Expr, low: Dim, high: Dim, message: string, span: Span): Check => ({
  k: "check",
  id: nextId(),
  of,
  low,
  high,
  message,
  type: of.type as TensorType,
  span,
  depth: of.depth,
});
/** the value of a weight of a net */
export function weightOf(net: Net, path: string, type: TensorType, span: Span): Expr {
  return net.made?.[net.weights.findIndex(w => w.path === path)] ?? weightLeaf(net, path, type, span);
}
export const weightLeaf = (net: Net, path: string, type: TensorType, span: Span): WeightLeaf => ({
  k: "weight",
  id: nextId(),
  net,
  path,
  type,
  span,
  depth: 0,
});
export const historyLeaf = (net: Train, type: RddType, span: Span): HistoryLeaf => ({
  k: "history",
  id: nextId(),
  net,
  type,
  span,
  depth: 0,
});
export const source = (parts: Omit<Source, "k" | "id" | "depth">): Source => ({
  k: "source",
  id: nextId(),
  depth: 0,
  ...parts,
});

/** a value in another element; the same node where it has it */
export function cast(e: Expr, elem: CoreElem, span: Span = e.span): Expr {
  const type = e.type as TensorType;
  if (type.elem === elem) return e;
  return op("cast", [e], tensorType(elem, type.shape), span);
}

const closedCache = new WeakMap<Expr, boolean>();
/** made of constants alone: a function holds it instead of capturing it */
function closed(root: Expr): boolean {
  const stack = [root];
  while (stack.length) {
    const e = stack[stack.length - 1]!;
    if (closedCache.has(e)) {
      stack.pop();
      continue;
    }
    if (e.k === "const") closedCache.set(e, true);
    else if (e.k === "param" || e.k === "var" || e.k === "weight" || e.k === "history" || e.k === "source")
      closedCache.set(e, false);
    else if (e.k === "op" && (e.place !== undefined || Object.keys(e.fns).length > 0)) closedCache.set(e, false);
    else {
      const open = inputsOf(e).filter(i => !closedCache.has(i));
      if (open.length) {
        stack.push(...open);
        continue;
      }
      closedCache.set(
        e,
        inputsOf(e).every(i => closedCache.get(i)),
      );
    }
    stack.pop();
  }
  return closedCache.get(root)!;
}

/** the function of `params` (all of depth `depth`) whose results are `body`: finds what it captures */
export function closeFn(params: readonly Var[], body: Tree<Expr>, depth: number, span: Span): Fn {
  const captures: Expr[] = [];
  const own = new Set<Expr>(params);
  const seen = new Set<Expr>();
  let random = false;
  const stack = leaves(body)
    .map(([, e]) => e)
    .reverse();
  while (stack.length) {
    const e = stack.pop()!;
    if (seen.has(e) || own.has(e)) continue;
    seen.add(e);
    if (e.depth < depth) {
      if (!closed(e)) captures.push(e);
      continue;
    }
    if (e.k === "op") {
      if (e.place !== undefined) random = true;
      for (const f of Object.values(e.fns)) if (f.random) random = true;
    }
    stack.push(...[...inputsOf(e)].reverse());
  }
  return { params, captures, body, random, span };
}
