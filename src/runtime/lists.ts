/** Lists of rows: each is a text (frontend/segment/pack.ts), of which the values in it are made again. Knows no table and no file. */
import type { Listed } from "../ir/plan.ts";
import { type Stored, sizeOf } from "../ir/type.ts";

/** a value in a list; of a tensor its elements, row-major */
export type Item =
  | { readonly k: "none" }
  | { readonly k: "number"; readonly store: Stored; readonly value: number | bigint }
  | { readonly k: "text"; readonly text: string }
  /** microseconds since 1970 began */
  | { readonly k: "time"; readonly ticks: bigint }
  | { readonly k: "tensor"; readonly shape: readonly number[]; readonly items: readonly Item[] }
  | { readonly k: "record"; readonly fields: readonly (readonly [name: string, Item])[] }
  | { readonly k: "list"; readonly items: readonly Item[] };

const textsIn = (text: string): readonly string[] => JSON.parse(text) as readonly string[]; // as: the engine wrote it
/** how many texts a value takes */
const widthOf = (of: Listed): number => {
  if (of.k === "record") return of.fields.reduce((n, [, x]) => n + widthOf(x), 0);
  return of.k === "maybe" ? widthOf(of.of) + 1 : 1;
};
/** the elements of the list that a text stands for */
export function itemsIn(text: string, of: Listed): readonly Item[] {
  const isOne = widthOf(of) === 1;
  return textsIn(text).map(t => itemOf(isOne ? [t] : textsIn(t), of));
}
function itemOf(texts: readonly string[], of: Listed): Item {
  const [first = ""] = texts;
  switch (of.k) {
    case "scalar":
      return scalarOf(first, of.elem);
    case "tensor":
      return { k: "tensor", shape: of.shape, items: textsIn(first).map(t => scalarOf(t, of.elem)) };
    case "list":
      return { k: "list", items: itemsIn(first, of.of) };
    case "maybe":
      return texts.at(-1) === "true" ? itemOf(texts.slice(0, -1), of.of) : { k: "none" };
    case "record": {
      let at = 0;
      return {
        k: "record",
        fields: of.fields.map(([name, x]) => {
          const own = texts.slice(at, (at += widthOf(x)));
          return [name, itemOf(own, x)] as const;
        }),
      };
    }
    default:
      return of satisfies never;
  }
}
function scalarOf(text: string, elem: Stored | "string" | "time"): Item {
  if (elem === "string") return { k: "text", text };
  if (elem === "time") return { k: "time", ticks: BigInt(text) };
  if (elem === "bool") return { k: "number", store: elem, value: Number(text === "true") };
  if (elem === "i64") return { k: "number", store: elem, value: BigInt(text) };
  return { k: "number", store: elem, value: numberOf(text) };
}
const numberOf = (text: string): number =>
  text === "nan" ? Number.NaN : /inf$/.test(text) ? (text.startsWith("-") ? -Infinity : Infinity) : Number(text);
/** elements of a tensor as lists in lists; of a scalar itself */
export function nested<T>(shape: readonly number[], items: readonly T[], list: (of: readonly T[]) => T): T {
  const [side, ...rest] = shape;
  if (side === undefined) return items[0]!;
  const size = sizeOf(rest);
  return list(Array.from({ length: side }, (_, i) => nested(rest, items.slice(i * size, (i + 1) * size), list)));
}
