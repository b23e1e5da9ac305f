/** Lists in a query: what makes them, and what is made of their elements. Knows no table. */
import type { Fields, RelExpr } from "../../ir/rel.ts";
import { maker, relOp } from "../../ir/rel-ops.ts";
import type { Dim } from "../check/dims.ts";
import { type Expr, type Fn, type LeafType, leaves, type Op, type TensorType, type Tree } from "../core.ts";
import { held } from "./held.ts";
import { packed } from "./pack.ts";
import { elementsIn, fieldOf, fieldTypes, int, listOp, tensorOf } from "./pieces.ts";
import {
  attrsOf,
  cellElem,
  expr,
  fields,
  nameOf,
  numberAt,
  type Scope,
  scalarElem,
  sizeOf,
  type TensorExpr,
  Untranslatable,
} from "./scope.ts";

/** inside of a function of the elements of a list */
function inside(f: Fn, names: readonly string[], scope: Scope): Scope {
  const level = scope.level + 1;
  const own = f.params.map((p, i) => [p, { level, name: names[i]! }] as const);
  return { ...scope, vars: new Map([...scope.vars, ...own]), level, done: new Map() };
}
function elementsOf(e: Expr): Tree<LeafType> {
  if (e.type.k !== "list") throw new Error(`internal: ${nameOf(e)} is no list`);
  return e.type.of;
}
/** `of` of each element of a list for which `where` holds */
function each(list: Expr, scope: Scope, f: Fn | undefined, where?: Fn): RelExpr {
  const names = leaves(elementsOf(list)).map(([path]) => path);
  const of = f
    ? fields(f.body, inside(f, names, scope))
    : names.map((name): readonly [string, RelExpr] => [name, { k: "element", depth: 0, name }]);
  const kept = where && fields(where.body, inside(where, names, scope))[0]![1];
  return { k: "each", list: expr(list, scope), of, ...(kept ? { where: kept } : {}) };
}
const LAST = 2 ** 31 - 1;
type ListOf = (e: Op, of: Fields, scope: Scope) => RelExpr;
const LISTS: Readonly<Record<string, ListOf>> = {
  list: (e, of, scope) => {
    const items = Array.from({ length: e.args.length / of.length }, (_, i) =>
      of.map(([name], k) => [name, expr(e.args[i * of.length + k]!, scope)] as const),
    );
    return { k: "list", items };
  },
  "list.slices": (e, of, scope) => slices(e.args[0] as TensorExpr, of, scope), // as: of a tensor
  "list.map": (e, _, scope) => each(e.args[0]!, scope, e.fns["f"]!),
  "list.filter": (e, _, scope) => each(e.args[0]!, scope, undefined, e.fns["f"]!),
  "list.flat": (e, of, scope) => listOp("flatten", [each(e.args[0]!, scope, e.fns["f"]!)], of),
  "list.part": (e, of, scope) => {
    const to = e.attrs["to"] === null ? int(LAST) : int(numberAt(e, "to"));
    return listOp("part", [expr(e.args[0]!, scope), int(numberAt(e, "from")), to], of);
  },
  "list.concat": (e, of, scope) =>
    listOp(
      "concat",
      e.args.map(a => expr(a, scope)),
      of,
    ),
  // the elements of one and none of the other
  "list.where": (e, of, scope) => {
    const [c, a, b] = e.args.map(x => expr(x, scope)) as [RelExpr, RelExpr, RelExpr]; // as: it has three
    const taken = (yes: number, no: number): RelExpr => ({
      k: "op",
      op: "where",
      args: [c, int(yes), int(no)],
      elem: "i32",
    });
    return listOp("concat", [listOp("take", [a, taken(LAST, 0)], of), listOp("take", [b, taken(0, LAST)], of)], of);
  },
  // the last key first: each order keeps the one before among equal keys
  "list.order": (e, of, scope) => {
    const descending = e.attrs["descending"] as readonly boolean[]; // as: check gives one per leaf of the key
    const key = e.fns["key"]!;
    const names = of.map(([name]) => name);
    const inner = fields(key.body, inside(key, names, scope));
    return descending.reduceRight<RelExpr>(
      (list, down, i) => {
        const keys: RelExpr = { k: "each", list, of: [["", inner[i]![1]]] };
        return listOp("order", [list, keys], of, { descending: down });
      },
      expr(e.args[0]!, scope),
    );
  },
  "list.distinct": (e, of, scope) =>
    listOp("distinct", [expr(e.args[0]!, scope), each(e.args[0]!, scope, e.fns["by"]!)], of),
  "list.parted": (e, of, scope) =>
    listOp("parted", [expr(e.args[0]!, scope), each(e.args[0]!, scope, e.fns["by"]!)], of),
  "list.number": (e, of, scope) =>
    listOp("numbered", [expr(e.args[0]!, scope)], of, { name: String(e.attrs["column"]) }),
  "list.windows": windows,
  "list.fold": folded,
};
export function listOf(e: Op, scope: Scope): RelExpr {
  const of = fieldTypes(elementsOf(e), e.span);
  if (e.op === "list.at") return listIn(expr(e.args[0]!, scope), fieldTypes(elementsOf(e.args[0]!), e.span), e, scope);
  const make = LISTS[e.op];
  if (make) return make(e, of, scope);
  if (!maker(e.op)) throw new Untranslatable(`\`${e.op}\``, e.span);
  return { k: "listOp", op: e.op, args: e.args.map(a => expr(a, scope)), of, ...attrsOf(e) };
}
/** the elements of an element that is a list, or a tensor */
function listIn(list: RelExpr, of: Fields, e: Op, scope: Scope): RelExpr {
  const name = String(e.attrs["leaf"]);
  const inner = of.find(([n]) => n === name)![1];
  if (typeof inner === "string") throw new Error("internal: an element that is no list");
  const at = expr(e.args[1]!, scope);
  const next: RelExpr = { k: "op", op: "add", args: [at, int(1)], elem: "i32" };
  const one = listOp("part", [fieldOf(list, of, name), at, next], [["", inner]]);
  if (inner.k === "list") return listOp("flatten", [one], inner.of);
  return elementsIn(one, inner);
}
/** of element i a leaf */
function elementAt(e: Op, scope: Scope): RelExpr {
  const of = fieldTypes(elementsOf(e.args[0]!), e.span);
  const [list, name] = [expr(e.args[0]!, scope), String(e.attrs["leaf"])];
  const inner = of.find(([n]) => n === name)![1];
  if (typeof inner === "string")
    return { k: "op", op: "element_at", args: [fieldOf(list, of, name), expr(e.args[1]!, scope)], elem: inner };
  const elements = listIn(list, of, e, scope);
  return inner.k === "tensor" ? tensorOf(elements, inner.elem, inner.shape) : elements;
}
/** the first `n` elements, or of those that are tensors */
export function padded(e: Op, scope: Scope): RelExpr {
  const t = e.type as TensorType; // as: pad_to makes one
  const [[, inner]] = fieldTypes(elementsOf(e.args[0]!), e.span) as [Fields[number]]; // as: check has looked
  const list = expr(e.args[0]!, scope);
  const own = typeof inner === "object" && inner.k === "tensor" ? elementsIn(list, inner) : list;
  const shape = t.shape;
  if (sizeOf(shape) === 0) throw new Untranslatable("a tensor without elements", e.span);
  return tensorOf(own, cellElem(t.elem), shape, expr(e.args[1]!, scope));
}
/** of a tensor along axis 0 */
function slices(x: TensorExpr, of: Fields, scope: Scope): RelExpr {
  const elem = cellElem(x.type.elem);
  const inner: Scope = { ...scope, level: scope.level + 1, done: new Map() };
  // texts have no tensor in a table
  const given = (): RelExpr => ({ k: "given", index: scope.given.index(x), elem, list: true });
  const isGiven = (elem === "string" || elem === "time") && x.depth === 0;
  const all = (at: Scope): RelExpr => (isGiven ? given() : listOp("elements", [expr(x, at)], [["", elem]]));
  const [n, ...shape] = x.type.shape as readonly [Dim, ...Dim[]]; // as: check has looked
  if (!shape.length) return all(scope);
  const op = (name: string, ...args: readonly RelExpr[]): RelExpr => ({ k: "op", op: name, args, elem: "i32" });
  const from = op("mul", { k: "element", depth: 0, name: "" }, int(sizeOf(shape)));
  const part = listOp("part", [all(inner), from, op("add", from, int(sizeOf(shape)))], [["", elem]]);
  const made = of.map(([name]): readonly [string, RelExpr] => [name, tensorOf(part, elem, shape)]);
  return { k: "each", list: listOp("range", [int(held(n))], [["", "i32"]]), of: made };
}
/** of `size` elements one after the other, at every `stride`-th, tensors field by field */
function windows(e: Op, of: Fields, scope: Scope): RelExpr {
  const [size, stride] = [numberAt(e, "size"), numberAt(e, "stride")];
  const list = expr(e.args[0]!, scope);
  const inner: RelExpr = expr(e.args[0]!, { ...scope, level: scope.level + 1, done: new Map() });
  const own = fieldTypes(elementsOf(e.args[0]!), e.span);
  const op = (name: string, ...args: readonly RelExpr[]): RelExpr => ({ k: "op", op: name, args, elem: "i32" });
  const length: RelExpr = { k: "op", op: "list_length", args: [list], elem: "i32" };
  const count = op("add", op("floordiv", op("sub", length, int(size)), int(stride)), int(1));
  const from = op("mul", { k: "element", depth: 0, name: "" }, int(stride));
  const part = listOp("part", [inner, from, op("add", from, int(size))], own);
  const made = of.map(([name, t], i): readonly [string, RelExpr] => {
    if (typeof t === "string" || t.k !== "tensor") throw new Error("internal: a window that is no tensor");
    const element = own[i]![1];
    const items = fieldOf(part, own, name);
    return [
      name,
      tensorOf(typeof element === "string" ? items : elementsIn(items, element as typeof t), t.elem, t.shape),
    ]; // as: a window of one is one
  });
  return { k: "each", list: listOp("range", [count], [["", "i32"]]), of: made };
}
function folded(e: Op, of: Fields, scope: Scope): RelExpr {
  const f = e.fns["f"]!;
  const [list, ...start] = e.args.map(a => expr(a, scope));
  const own = fieldTypes(elementsOf(e.args[0]!), e.span);
  const names = [...of.map(([n]) => `s.${n}`), ...own.map(([n]) => `x.${n}`)];
  const named = (values: readonly RelExpr[]): readonly (readonly [string, RelExpr])[] =>
    of.map(([n], i) => [n, values[i]!] as const);
  const init = named(start);
  const step = named(stepOf(f, inside(f, names, scope)));
  if (e.attrs["all"] !== true) return { k: "fold", list: list!, init, step };
  // the states so far are one field of the state more
  const none = listOp("part", [{ k: "list", items: [init] }, int(0), int(0)], of);
  const so: RelExpr = { k: "element", depth: 0, name: `s.${SO_FAR}` };
  const more = listOp("concat", [so, { k: "list", items: [step] }], of);
  const all: RelExpr = { k: "fold", list: list!, init: [...init, [SO_FAR, none]], step: [...step, [SO_FAR, more]] };
  const states: RelExpr = { k: "each", list: all, of: [["", { k: "element", depth: 0, name: SO_FAR }]] };
  return listOp("flatten", [states], of);
}
/** a map before it has no state: numbers go from state to state without the texts that are made of them */
function stepOf(f: Fn, scope: Scope): readonly RelExpr[] {
  try {
    return fields(f.body, scope).map(([, v]) => v);
  } catch (e) {
    if (!(e instanceof Untranslatable)) throw e;
    throw new Untranslatable(
      e.what,
      e.span,
      "scan(..) of the numbers alone, and texts of what it gives in a map or fold",
    );
  }
}
/** no field of a record has this name */
const SO_FAR = "#";
/** list.length, list.sum and the like: list_length, list_sum of what the function makes of each element; of tensors place by place */
export function reduced(e: Op, scope: Scope): RelExpr {
  if (e.op === "list.at") return elementAt(e, scope);
  if (e.op === "list.text") return packed(expr(e.args[0]!, scope), fieldTypes(elementsOf(e.args[0]!), e.span));
  const name = e.op.replace(".", "_");
  if (!relOp(name)) throw new Untranslatable(`\`${e.op}\``, e.span);
  const f = e.fns["f"];
  if (f && e.type.k === "tensor" && e.type.shape.length) {
    const elem = cellElem(e.type.elem);
    const shape = e.type.shape;
    // one level deeper: the places of the tensor are gone over around it
    const outer: Scope = { ...scope, level: scope.level + 1, done: new Map() };
    const tensors = each(e.args[0]!, outer, f) as Extract<RelExpr, { k: "each" }>; // as: made of a function
    const place: RelExpr = { k: "element", depth: 1, name: "" };
    const inner = (tensors.of[0] as readonly [string, RelExpr])[1]; // as: the function gives one leaf
    const from = (f.body as Extract<Tree<Expr>, { k: "leaf" }>).of.type as TensorType; // as: the function gives one leaf
    const item: RelExpr = { k: "op", op: "item", args: [inner, place], elem: cellElem(from.elem) };
    const own: RelExpr = { k: "op", op: name, args: [{ ...tensors, of: [["", item]] }], elem };
    return tensorOf(
      { k: "each", list: listOp("range", [int(sizeOf(shape))], [["", "i32"]]), of: [["", own]] },
      elem,
      shape,
    );
  }
  const list = f ? each(e.args[0]!, scope, f) : expr(e.args[0]!, scope);
  return { k: "op", op: name, args: [list, ...e.args.slice(1).map(a => expr(a, scope))], elem: scalarElem(e) };
}
