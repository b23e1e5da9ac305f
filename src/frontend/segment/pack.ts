/**
 * Lists outside of an engine: each is a text, of which its type makes the list again. The text is JSON: of each element its field as text, or, of
 * several fields, the text of the list of these. Knows no node.
 */
import type { CellElem, Fields, Inner, RelExpr } from "../../ir/rel.ts";
import { type LeafType, mapTree, type Tree } from "../core.ts";
import { productOfHeld } from "./held.ts";

const op = (name: string, args: readonly RelExpr[], elem: CellElem): RelExpr => ({ k: "op", op: name, args, elem });
const element = (name: string): RelExpr => ({ k: "element", depth: 0, name });
const textList = (texts: readonly RelExpr[]): RelExpr => ({ k: "list", items: texts.map(t => [["", t]] as const) });
const listText = (list: RelExpr): RelExpr => op("list_text", [list], "string");

/** a list as a text */
export function packed(list: RelExpr, of: Fields): RelExpr {
  const texts = of.map(([name, t]) => fieldText(element(name), t));
  const text = texts.length === 1 ? texts[0]! : listText(textList(texts));
  return listText({ k: "each", list, of: [["", text]] });
}
function fieldText(e: RelExpr, t: Inner): RelExpr {
  if (t === "string") return e;
  if (t === "time") return op("string", [op("ticks", [e], "i64")], "string");
  if (typeof t === "string") return op("string", [e], "string");
  if (t.k === "list") return packed(e, t.of);
  const own: RelExpr = { k: "listOp", op: "elements", args: [e], of: [["", t.elem]] };
  return packed(own, [["", t.elem]]);
}
/** the list that a text stands for */
export function unpacked(text: RelExpr, of: Fields): RelExpr {
  const texts = (t: RelExpr): RelExpr => ({ k: "listOp", op: "texts", args: [t], of: [["", "string"]] });
  const field = (i: number): RelExpr =>
    of.length === 1
      ? element("")
      : op("element_at", [texts(element("")), { k: "const", elem: "i32", value: i }], "string");
  return { k: "each", list: texts(text), of: of.map(([name, t], i) => [name, fieldIn(field(i), t)] as const) };
}
function fieldIn(text: RelExpr, t: Inner): RelExpr {
  if (t === "string") return text;
  if (t === "time") return op("instant", [op("parse", [text], "i64")], "time");
  if (typeof t === "string") return op("parse", [text], t);
  if (t.k === "list") return unpacked(text, t.of);
  const { elem, shape } = t;
  const zero: RelExpr = { k: "const", elem, value: elem === "bool" ? false : elem === "i64" ? "0" : 0 };
  const n = productOfHeld(shape);
  return { k: "op", op: "pad_to", args: [unpacked(text, [["", elem]]), zero], attrs: { n, shape }, elem };
}

/** rows as kernels see them: a list is the number of its text */
export const asText = (t: LeafType): LeafType =>
  t.k === "list" ? { k: "tensor", elem: "string", shape: [], list: t } : t;
export const withTexts = (row: Tree<LeafType>): Tree<LeafType> => mapTree(row, asText);
