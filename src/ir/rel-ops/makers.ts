/** What makes lists in REL: of texts, of tensors, of lists. Knows no SQL. */
import type { CellElem, Fields, Inner } from "../rel.ts";
import { compare } from "./number.ts";
import type { Attributes, Elements, Scalar, Value } from "./record.ts";
import { SPACE } from "./text.ts";

/** an op that makes a list */
export interface Maker {
  readonly doc: string;
  /** fields of the result; undefined: it is not for these. A list operand is its fields, a scalar its element */
  readonly type: (args: readonly (Inner | Fields)[], attrs: Attributes) => Fields | undefined;
  readonly eval: (args: readonly unknown[], attrs: Attributes) => Elements;
  readonly sample?: (draw: { readonly below: (n: number) => number }) => Attributes;
}
type Operands = readonly (Inner | Fields | undefined)[];
const isFields = (x: Inner | Fields | undefined): x is Fields => Array.isArray(x);
/** lists and scalars, as `want` says: `list`, or an element */
const fits = (args: Operands, ...want: readonly ("list" | CellElem)[]): boolean =>
  args.length === want.length && want.every((w, i) => (w === "list" ? isFields(args[i]) : args[i] === w));
const list = (x: unknown): Elements => x as Elements; // as: type has looked
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** the place of a bound: behind the end where it is negative, and never outside of the list */
const placeOf = (at: unknown, length: number): number =>
  Math.min(Math.max(Number(at) < 0 ? Number(at) + length : Number(at), 0), length);
const isNan = (x: Value): boolean => typeof x === "number" && Number.isNaN(x);
/** NaN above all numbers, zeros equal */
const ordered = (a: Value, b: Value): number =>
  isNan(a) || isNan(b) ? Number(isNan(a)) - Number(isNan(b)) : compare(a as Scalar, b as Scalar); // as: keys are scalars
/** of two keys, field by field; NaN is NaN and zeros are one */
const isKey = (a: readonly Value[], b: readonly Value[]): boolean => a.every((x, i) => ordered(x, b[i]!) === 0);
/** places by their keys, ties as they stand */
function inOrder(keys: Elements, descending = false): readonly number[] {
  const order = (a: number, b: number): number => {
    const c = keys[a]!.map((x, k) => ordered(x, keys[b]![k]!)).find(d => d !== 0) ?? 0;
    return descending ? -c : c;
  };
  return keys.map((_, i) => i).sort((a, b) => order(a, b) || a - b);
}
const scalarsOnly = (of: Fields): boolean => of.every(([, e]) => typeof e === "string");
/** as the op that lookup makes of words: numbers of terms */
const pairs = (items: Elements, window: number): Elements =>
  items.flatMap((center, i) =>
    items.flatMap((context, j) => (j !== i && Math.abs(j - i) <= window ? [[center[0]!, context[0]!]] : [])),
  );
/** texts as a list of them is written; undefined: it is none */
function textsIn(text: string): readonly string[] | undefined {
  try {
    const all: unknown = JSON.parse(text);
    return Array.isArray(all) && all.every(t => typeof t === "string") ? all : undefined;
  } catch {
    return undefined;
  }
}

export const MAKERS = {
  words: {
    doc: "what stands between white space",
    type: args => (fits(args, "string") ? [["", "string"]] : undefined),
    eval: ([s]) =>
      String(s)
        .split(new RegExp(`[${SPACE}]+`))
        .flatMap(w => (w ? [[w]] : [])),
  },
  skip_grams: {
    doc: "of each element, in order, a record with each other that is at most `window` places away, from left to right",
    type: (args, { window }) => {
      const [own] = args;
      const isWindow = Number.isInteger(window) && Number(window) > 0 && Number(window) <= 100;
      return fits(args, "list") && isFields(own) && own.length === 1 && isWindow
        ? [
            ["center", own[0]![1]],
            ["context", own[0]![1]],
          ]
        : undefined;
    },
    eval: ([l], { window }) => pairs(list(l), Number(window)),
    sample: draw => ({ window: 1 + draw.below(3) }),
  },
  take: {
    doc: "the first elements, as many as the second operand says",
    type: args => (fits(args, "list", "i32") ? (args[0] as Fields) : undefined),
    eval: ([l, count]) => list(l).slice(0, Math.max(Number(count), 0)),
  },
  part: {
    doc: "the elements from the second operand's place to before the third's; a negative place counts from the end",
    type: args => (fits(args, "list", "i32", "i32") ? (args[0] as Fields) : undefined),
    eval: ([l, from, to]) => {
      const own = list(l);
      return own.slice(placeOf(from, own.length), placeOf(to, own.length));
    },
  },
  concat: {
    doc: "a's elements, then b's",
    type: args => (fits(args, "list", "list") && same(args[0], args[1]) ? (args[0] as Fields) : undefined),
    eval: ([a, b]) => [...list(a), ...list(b)],
  },
  order: {
    doc: "the elements by their keys, the second list, one each; ties stay, NaN above all numbers",
    type: (args, { descending }) =>
      fits(args, "list", "list") && scalarsOnly(args[1] as Fields) && typeof descending === "boolean"
        ? (args[0] as Fields)
        : undefined,
    eval: ([l, keys], { descending }) => inOrder(list(keys), descending === true).map(i => list(l)[i]!),
    sample: draw => ({ descending: draw.below(2) === 1 }),
  },
  distinct: {
    doc: "of each key, the second list has one each, the first element",
    type: args => (fits(args, "list", "list") && scalarsOnly(args[1] as Fields) ? (args[0] as Fields) : undefined),
    eval: ([l, keys]) => {
      const own = list(keys);
      const places = inOrder(own);
      const first = places.filter((at, i) => !i || !isKey(own[at]!, own[places[i - 1]!]!));
      return first.sort((a, b) => a - b).map(i => list(l)[i]!);
    },
  },
  parted: {
    doc: "a list of the elements of each key, the second list has one each, in the order of the keys, NaN last; within one in the order of the list",
    type: args =>
      fits(args, "list", "list") && scalarsOnly(args[1] as Fields)
        ? [["", { k: "list", of: args[0] as Fields }]] // as: it is a list
        : undefined,
    eval: ([l, keys]) => {
      const own = list(keys);
      const places = inOrder(own);
      const starts = places.flatMap((at, i) => (i && isKey(own[at]!, own[places[i - 1]!]!) ? [] : [i]));
      return starts.map((from, k) => [places.slice(from, starts[k + 1]).map(i => list(l)[i]!)]);
    },
  },
  numbered: {
    doc: "each element with its place, i64, as one more field `name`",
    type: (args, { name }) => {
      const [own] = args;
      if (!fits(args, "list") || !isFields(own) || typeof name !== "string") return undefined;
      return own.some(([n]) => n === name) ? undefined : [...own, [name, "i64"]];
    },
    eval: ([l]) => list(l).map((e, i) => [...e, BigInt(i)]),
    sample: () => ({ name: "place" }),
  },
  flatten: {
    doc: "the elements of lists, one list after the other",
    type: args => {
      const [own] = args;
      const of = isFields(own) && own.length === 1 ? own[0]![1] : undefined;
      return args.length === 1 && typeof of === "object" && of.k === "list" ? of.of : undefined;
    },
    eval: ([l]) => list(l).flatMap(([inner]) => list(inner)),
  },
  elements: {
    doc: "those of a tensor, row-major",
    type: args => {
      const [own] = args;
      return args.length === 1 && typeof own === "object" && !isFields(own) && own.k === "tensor"
        ? [["", own.elem]]
        : undefined;
    },
    eval: ([t]) => (t as readonly Scalar[]).map(x => [x]), // as: type has looked
  },
  range: {
    doc: "0 to before the operand",
    type: args => (fits(args, "i32") ? [["", "i32"]] : undefined),
    eval: ([n]) => Array.from({ length: Math.max(Number(n), 0) }, (_, i) => [i]),
  },
  texts: {
    doc: "those of which list_text made the operand; of any other text none",
    type: args => (fits(args, "string") ? [["", "string"]] : undefined),
    eval: ([s]) => (textsIn(String(s)) ?? []).map(t => [t]),
  },
} satisfies Record<string, Maker>;
