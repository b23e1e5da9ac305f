/** Lists of the run as what rdds become: collected to tensors, their strings numbered. Knows no engine. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import { type Expr, type Fn, type LeafType, leaves, mapTree, type TensorType, type Tree } from "../core.ts";
import { valueOfTree } from "./apply.ts";
import * as build from "./build.ts";
import { fail, placed, Reported } from "./context.ts";
import { addDims, type Dim } from "./dims.ts";
import { dimOf, orNone, shown } from "./given.ts";
import { guard } from "./guard.ts";
import { cellElem, infix, isCell } from "./infix.ts";
import { listOf, sequence } from "./list.ts";
import { toExpr } from "./operate.ts";
import { select } from "./select.ts";
import { elementOf, filterSequence, lengthOfSequence, mapSequence } from "./sequence.ts";
import { grouped, type OfList, ordered, partOf, there } from "./sequence-order.ts";
import { textInTensor } from "./text-in-tensor.ts";
import { describe, isInteger, showType } from "./types.ts";
import {
  cellValue,
  type Frame,
  isTensor,
  type Native,
  number,
  recordOf,
  type Sequence,
  tensorValue,
  typeOf,
  type Value,
} from "./value.ts";

const I32: TensorType = { k: "tensor", elem: "i32", shape: [] };
const BOOL: TensorType = { k: "tensor", elem: "bool", shape: [] };

/** how many elements there are at most, of what `take` cut */
function takenOf(e: Expr): Dim | undefined {
  const KEEPS = ["list.map", "list.order", "list.number"];
  let at = e;
  while (at.k === "op" && KEEPS.includes(at.op)) at = at.args[0]!;
  if (at.k !== "op" || at.op !== "list.part" || at.attrs["from"] !== 0) return undefined;
  return (at.attrs["to"] as Dim | null) ?? undefined; // as: partOf gives it
}
/** tensors with a leading n of the n elements that were taken; fewer are a fault of this place */
const collect: OfList = (f, s, args, site) => {
  const g = args.get("d")!;
  const own = shown(f, g.span);
  const n = takenOf(s.expr);
  if (n === undefined)
    return fail(f, {
      message: "collect makes a tensor, and each of these lists has a length of its own",
      span: g.span,
      help: `collect(take(${own}, 8)) of the first 8, or pad_to(${own}, 8)`,
    });
  const span = placed(f, site.span);
  const count = toExpr(number(n, "i32"), "i32", span);
  const enough = build.op("eq", [lengthOfSequence(f, s, span).expr, count], BOOL, span);
  const message = "there are fewer records here than `take` promised";
  return valueOfTree(
    mapTree(s.expr.type.of, (t, path) => {
      if (t.k === "list")
        return fail(f, {
          message: `collect makes tensors, ${path ? `\`${path}\`` : "an element"} is ${showType(t)}`,
          span: g.span,
          help: path ? `pad_to(r.${path}, n) in a map before it` : "map(x => pad_to(x, n)) before it",
        });
      const leaf = of(f, s, path, site);
      // no tensor holds them: they stay a list, which is read at a place as one
      if ((t.elem === "string" || t.elem === "time") && !isMaybe(s.expr.type.of, path)) return leaf.expr;
      if (t.elem === "string" || t.elem === "time")
        return textInTensor(f, g.span, leaf, `${own} |> map(${path ? `.${path}` : "x => x"})`);
      const type: TensorType = { ...t, shape: [n, ...t.shape] };
      const none = build.constant(0, { ...t, shape: [] }, span);
      const all = build.op("pad_to", [leaf.expr, none], type, span, { attrs: { n } });
      return guard(enough, all, message, span);
    }),
  );
};
/** whether the leaf is half of what may be missing */
function isMaybe(t: Tree<LeafType>, path: string): boolean {
  if (t.k === "leaf") return false;
  if (t.maybe) return true;
  return t.fields.some(([n, x]) =>
    path === n ? false : path.startsWith(`${n}.`) && isMaybe(x, path.slice(n.length + 1)),
  );
}
/** one leaf of each element */
function of(f: Frame, s: Sequence, path: string, site: Ast.Expr): Sequence {
  const names = path === "" ? [] : path.split(".");
  const call: Native["call"] = ([x]) =>
    names.reduce<Value>((v, name) => {
      if (v.k === "maybe") return name === "value" ? v.value : v.present;
      return v.k === "record" ? v.fields.get(name)! : v;
    }, x!);
  const fn: Native = { k: "native", name: "leaf", call };
  return mapSequence(f, s, { value: fn, span: site.span, whole: site.span }, site) as Sequence; // as: of a list
}

/** as of an rdd; of each list by itself: `counts` is a list */
const vocab: OfList = (f, s, args, site) => {
  const { span } = site;
  const g = args.get("d")!;
  const fn = orNone(args, "f");
  const own = { value: fn.k === "none" ? (same as Value) : fn, span: args.get("f")?.span ?? g.span, whole: g.whole };
  const all = mapSequence(f, s, own, site) as Sequence; // as: of a list
  const strings = there(f, all, site);
  const element = strings.expr.type.of;
  if (element.k !== "leaf" || element.of.k !== "tensor" || element.of.elem !== "string")
    return fail(f, { message: `vocab goes over strings, this is ${describe(all)}`, span: own.span });
  const least = args.get("min_count") ? dimOf(f, "min_count", args.get("min_count")!) : 1;
  const most = orNone(args, "max").k === "none" ? undefined : dimOf(f, "max", args.get("max")!);
  const given = (value: Value): typeof own => ({ value, span, whole: span });
  const native = (call: Native["call"]): Native => ({ k: "native", name: "vocab", call });
  const field = (name: string): Native => native(([x]) => (x?.k === "record" ? x.fields.get(name)! : x!));
  const at = { span, a: span, b: span };

  // { key, n } in the order of the keys, which equal counts keep
  const counted = native(([h], inner) => recordOf([["n", lengthOfSequence(inner, h as Sequence, span)]])); // as: a group of a list
  const groups = grouped(f, strings, given(same), given(counted), site);
  const enough = native(([x], inner) =>
    infix(inner, ">=", field("n").call([x!], inner, span, site), number(least), at),
  );
  const kept = least === 1 ? groups : (filterSequence(f, groups, given(enough), site) as Sequence); // as: of a list
  const byCount = ordered(f, kept, given(field("n")), true, site);
  const table = most === undefined ? byCount : partOf(f, byCount, 0, addDims(most, -1), span);

  const counts = mapSequence(f, table, given(field("n")), site) as Sequence; // as: of a list
  const keys = mapSequence(f, table, given(field("key")), site) as Sequence; // as: of a list
  const known = build.op("list.sum", [counts.expr], I32, span, { fns: identityOf(counts, f.depth + 1, span) });
  const unknown = build.op("sub", [lengthOfSequence(f, all, span).expr, known], I32, span);
  const size = build.op("add", [lengthOfSequence(f, table, span).expr, build.constant(1, I32, span)], I32, span);
  return recordOf([
    ["size", tensorValue(size)],
    ["index", indexIn(keys, site)],
    ["value", valueIn(before(f, build.textConstant("", span), keys, span))],
    ["counts", before(f, unknown, counts, span)],
  ]);
};
const same: Native = { k: "native", name: "value", call: ([x]) => x! };
const identityOf = (s: Sequence, depth: number, span: Span): Readonly<Record<string, Fn>> => {
  const x = build.variable("", leaves(s.expr.type.of)[0]![1], depth, span);
  return { f: build.closeFn([x], { k: "leaf", of: x } as Tree<Expr>, depth, span) };
};
/** a list of the first, then the others */
const before = (f: Frame, first: Expr, rest: Sequence, span: Span): Sequence => {
  const head = listOf(f, [isText(first) ? cellValue(first) : tensorValue(first)], span, () => ({
    k: "leaf",
    of: first,
  }));
  return sequence(build.op("list.concat", [head, rest.expr], rest.expr.type, placed(f, span)));
};
const isText = (e: Expr): boolean => e.type.k === "tensor" && e.type.elem === "string";
/** 1 and up, by the place of the key; 0 of what is none */
const indexIn = (keys: Sequence, site: Ast.Expr): Native => ({
  k: "native",
  name: "index",
  call: ([s], f, span) => {
    if (s?.k === "poison") throw new Reported();
    if (s?.k === "none") return number(0, "i32");
    if (s?.k === "maybe") {
      const value = indexIn(keys, site).call([s.value], f, span, site);
      return select(f, s.present, value, number(0, "i32"), span, "index")!;
    }
    if (!s || !isCell(s) || cellElem(s) !== "string")
      return fail(f, { message: `index takes a string${s ? `, this is ${describe(s)}` : ""}`, span });
    return lookedUp(f, keys, s, span, site);
  },
});
function lookedUp(f: Frame, keys: Sequence, s: Value, span: Span, site: Ast.Expr): Value {
  const at = { span, a: span, b: span };
  const key = { k: "leaf" as const, of: keys.expr.type.of.k === "leaf" ? keys.expr.type.of.of : I32 };
  const numbered = sequence(
    build.op(
      "list.number",
      [keys.expr],
      {
        k: "list",
        of: {
          k: "record",
          fields: [
            ["", key],
            ["index", { k: "leaf", of: { ...I32, elem: "i64" } }],
          ],
        },
      },
      placed(f, span),
      { attrs: { column: "index" } },
    ),
  );
  const fieldOf = (x: Value | undefined, name: string): Value => (x?.k === "record" ? x.fields.get(name)! : x!);
  const is: Native = { k: "native", name: "index", call: ([x], inner) => infix(inner, "==", fieldOf(x, ""), s, at) };
  const found = filterSequence(f, numbered, { value: is, span, whole: span }, site) as Sequence; // as: of a list
  const depth = f.depth + 1;
  const vars = leaves(found.expr.type.of).map(([path, t]) => build.variable(path, t, depth, span));
  const place = build.op("add", [build.cast(vars[1]!, "i32", span), build.constant(1, I32, span)], I32, span);
  const fns = { f: build.closeFn(vars, { k: "leaf", of: place }, depth, span) };
  return tensorValue(build.op("list.sum", [found.expr], I32, placed(f, span), { fns }));
}
/** entry i of a list that begins with what is unknown */
const valueIn = (all: Sequence): Native => ({
  k: "native",
  name: "value",
  call: ([i], f, span) => {
    if (i?.k === "poison") throw new Reported();
    if (!i || !isTensor(i) || typeOf(i).shape.length || !isInteger(i.k === "constant" ? i.elem : i.expr.type.elem))
      return fail(f, { message: `value takes one integer${i ? `, this is ${describe(i)}` : ""}`, span });
    const message = `the vocabulary has no entry \`${f.cx.text(span)}\``;
    return elementOf(f, all, toExpr(i, "i32", span), message, span);
  },
});
export const tablesOfLists: ReadonlyMap<string, OfList> = new Map<string, OfList>([
  ["collect", collect],
  ["vocab", vocab],
]);
