/** Values as text: scalars in the fewest digits that read back, tensors abridged, records on a line, tables. Knows no effect. */
import { type Stored, sizeOf } from "../ir/type.ts";
import { type Cell, type Cells, cellsOf, missingIn, timeText } from "./cells.ts";
import { type TensorData, valueAt, view } from "./dtype.ts";
import { type Item, nested } from "./lists.ts";

/** what a person sees of a value: PlanShape with its buffers read */
export type Printable =
  | { readonly k: "tensor"; readonly value: Cells }
  | { readonly k: "text"; readonly text: string }
  | { readonly k: "record"; readonly fields: readonly (readonly [name: string, Printable])[] }
  | { readonly k: "list"; readonly of: readonly Printable[] }
  /** tensors with a leading dim of rows, the first `rows` of which are there */
  | { readonly k: "table"; readonly columns: readonly (readonly [name: string, Cells])[]; readonly rows: number };

/**
 * `all`: digits after which every value of the type reads back as itself. Of a value from `least` on that fewer digits than `some` tell, its first
 * `some` are those and zeros: whatever is so short survives the way through the type (C's FLT_DIG)
 */
interface Digits {
  readonly some: number;
  readonly all: number;
  readonly least: number;
  readonly round: (x: number) => number;
}
const SINGLE: Digits = { some: 6, all: 9, least: 2 ** -126, round: Math.fround };
const DIGITS: { readonly [S in Stored]?: Digits } = {
  f16: { some: 3, all: 5, least: 2 ** -14, round: Math.f16round },
  f32: SINGLE,
  bf16: SINGLE,
};
export function scalarText(store: Stored, x: number | bigint): string {
  if (typeof x === "bigint") return String(x);
  if (store === "bool") return x ? "true" : "false";
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  if (Object.is(x, -0)) return "-0";
  // a whole number is shown as it is: 65504, although 65500 would read back as the same f16
  if (Number.isInteger(x) && Math.abs(x) < 2 ** 31) return String(x);
  const digits = DIGITS[store];
  if (!digits) return String(x);
  for (let p = Math.abs(x) < digits.least ? 1 : digits.some; p < digits.all; p++) {
    const short = Number(x.toPrecision(p));
    if (digits.round(short) === x) return String(short);
  }
  return String(Number(x.toPrecision(digits.all)));
}

/** a tensor of at most this many elements is shown whole */
const WHOLE = 100;
/** of a longer axis: so many elements at both ends */
const EDGE = 3;

/** `quoted`: it stands among other values, where a text has quotes */
export function tensorText(t: Cells, quoted = true): string {
  const { store, shape } = t;
  const cell = cellsOf(t);
  const abridged = sizeOf(shape) > WHOLE;
  const name = t.texts ? "string" : t.times ? "time" : store;
  const missing = missingIn(t);
  const body = axis(shape, i => cellText(store, cell(i), quoted), missing, 0, 0, abridged);
  return abridged ? `${name}[${shape.join(", ")}] ${body}` : body;
}
function cellText(store: Stored, c: Cell, quoted: boolean): string {
  switch (c.k) {
    case "none":
      return "none";
    case "number":
      return scalarText(store, c.value);
    case "text":
      return quoted ? inQuotes(c.text) : c.text;
    case "time":
      return c.text;
    case "list":
      return listText(c.items);
    default:
      return c satisfies never;
  }
}
/** JSON leaves some characters as they are that end a line, or steer a terminal */
const inQuotes = (text: string): string => escaped(JSON.stringify(text));
/** of a longer list both ends and how long it is */
function listText(items: readonly Item[]): string {
  const text = (all: readonly Item[]): string => all.map(itemText).join(", ");
  if (items.length <= WHOLE) return `[${text(items)}]`;
  return `list[${items.length}] [${text(items.slice(0, EDGE))}, ..., ${text(items.slice(-EDGE))}]`;
}
function itemText(x: Item): string {
  switch (x.k) {
    case "none":
      return "none";
    case "number":
      return scalarText(x.store, x.value);
    case "text":
      return inQuotes(x.text);
    case "time":
      return timeText(x.ticks);
    case "tensor":
      return nested(x.shape, x.items.map(itemText), of => `[${of.join(", ")}]`);
    case "record":
      return `{ ${x.fields.map(([n, v]) => `${n}: ${itemText(v)}`).join(", ")} }`;
    case "list":
      return listText(x.items);
    default:
      return x satisfies never;
  }
}
function axis(
  shape: readonly number[],
  element: (i: number) => string,
  missing: (d: number, at: number) => boolean,
  d: number,
  at: number,
  abridged: boolean,
): string {
  if (d === shape.length) return element(at);
  if (missing(d, at)) return "none";
  const n = shape[d]!;
  const stride = sizeOf(shape.slice(d + 1));
  const edge = shape.length > 2 ? 1 : EDGE;
  const parts: string[] = [];
  for (let i = 0; i < n; i++) {
    if (abridged && n > 2 * edge && i === edge) {
      parts.push("...");
      i = n - edge;
    }
    parts.push(axis(shape, element, missing, d + 1, at + i * stride, abridged));
  }
  return `[${parts.join(", ")}]`;
}

/** a matrix of more than this many columns of text has a line per row, its numbers below each other */
const LINE = 80;
function matrixText(t: Cells): string {
  const line = tensorText(t, t.shape.length > 0);
  if (t.shape.length !== 2 || line.length <= LINE || t.texts || t.times) return line;
  const [rows, columns] = [t.shape[0]!, t.shape[1]!];
  const data = view(t.store, t.bytes);
  const abridged = rows * columns > WHOLE;
  const shown = (n: number): readonly number[] =>
    Array.from({ length: n }, (_, i) => i).filter(i => !abridged || n <= 2 * EDGE || i < EDGE || i >= n - EDGE);
  const cells = shown(rows).map(r =>
    shown(columns).map(c => scalarText(t.store, valueAt(t.store, data, r * columns + c))),
  );
  const widths = shown(columns).map((_, k) => Math.max(...cells.map(row => row[k]!.length)));
  const gap = (list: readonly string[], n: number): readonly string[] =>
    list.length === n ? list : [...list.slice(0, EDGE), "...", ...list.slice(EDGE)];
  const lines = cells.map(
    row =>
      `[${gap(
        row.map((x, k) => x.padStart(widths[k]!)),
        columns,
      ).join(", ")}]`,
  );
  return `${abridged ? `${t.store}[${rows}, ${columns}]\n` : ""}[${gap(lines, rows).join(",\n ")}]`;
}
/** on one line, but for tables and matrices that are too long for it */
export function text(p: Printable, nested = false): string {
  switch (p.k) {
    case "tensor":
      return nested ? tensorText(p.value) : matrixText(p.value);
    case "text":
      return nested ? inQuotes(p.text) : p.text;
    case "record":
      return p.fields.length === 0 ? "{ }" : `{ ${p.fields.map(([n, v]) => `${n}: ${text(v, true)}`).join(", ")} }`;
    case "list":
      return `[${p.of.map(v => text(v, true)).join(", ")}]`;
    case "table":
      return table(p.columns, p.rows);
    default:
      return p satisfies never;
  }
}
/** row i of a tensor with a leading dim */
export const slice = (t: Cells, i: number): Cells => ({
  ...t,
  ...part(t, i),
  ...(t.present ? { present: part(t.present, i) } : {}),
});
const part = (t: TensorData, i: number): TensorData => {
  const bytes = t.shape[0] ? t.bytes.length / t.shape[0] : 0;
  return { store: t.store, shape: t.shape.slice(1), bytes: t.bytes.slice(i * bytes, (i + 1) * bytes) };
};
/** digits of a float in a table, where one compares, and all before its point: what is printed by itself reads back, and csv too */
const DIGITS_IN_TABLES = 6;
function shortened(x: number | bigint): number | bigint {
  if (typeof x !== "number" || !Number.isFinite(x) || Number.isInteger(x)) return x;
  const whole = String(Math.trunc(Math.abs(x))).length;
  return Number(x.toPrecision(Math.max(DIGITS_IN_TABLES, whole)));
}
/** of a text in a table: so many characters, of which none ends the line */
const CHARACTERS = 60;
const BREAKS = /[\p{Cc}\u2028\u2029]/gu;
const escaped = (text: string): string =>
  text.replace(BREAKS, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
/** the texts of a list stand in quotes, in which most is escaped already */
function lineOf(text: string, quoted = false): string {
  const isPlain = quoted || text.search(BREAKS) < 0;
  const visible = escaped(isPlain ? text : JSON.stringify(text).slice(1, -1));
  const characters = [...visible];
  return characters.length > CHARACTERS ? `${characters.slice(0, CHARACTERS - 1).join("")}…` : visible;
}
function scalarsOf(c: Cells, rows: number): readonly string[] {
  const cell = cellsOf(c);
  const texts = Array.from({ length: rows }, (_, i) => {
    const x = cell(i);
    if (x.k === "text") return lineOf(x.text);
    if (x.k === "list") return lineOf(listText(x.items), true);
    return cellText(c.store, x.k === "number" ? { k: "number", value: shortened(x.value) } : x, false);
  });
  return isText(c) ? texts : numbersOf(texts);
}
const isText = (c: Cells): boolean => c.texts !== undefined || c.times === true;
/** a column of numbers with their points below each other */
function numbersOf(texts: readonly string[]): readonly string[] {
  const behind = (text: string): number => (text.includes(".") ? text.length - text.indexOf(".") : 0);
  const most = Math.max(0, ...texts.map(behind));
  const word = (text: string): boolean => text === "none" || (/[a-z]/.test(text) && !text.includes("e"));
  return texts.map(text => text + " ".repeat(word(text) ? 0 : most - behind(text)));
}
/** a head line, unless the only column has no name, and a line per row; columns aligned: numbers to the right */
function table(columns: readonly (readonly [string, Cells])[], rows: number): string {
  const cells = columns.map(([name, t]) => [
    name,
    ...(t.shape.length === 1 ? scalarsOf(t, rows) : Array.from({ length: rows }, (_, i) => tensorText(slice(t, i)))),
  ]);
  // a character above the first 65536 is two units of a JavaScript string
  const width = (cell: string): number => [...cell].length;
  const widths = cells.map(column => Math.max(...column.map(width)));
  const left = ([, t]: readonly [string, Cells]): boolean => t.shape.length > 1 || isText(t);
  const line = (i: number): string =>
    cells
      .map((c, k) => {
        const gap = " ".repeat(widths[k]! - width(c[i]!));
        return left(columns[k]!) ? c[i]! + gap : gap + c[i]!;
      })
      .join("  ")
      .trimEnd();
  const head = columns.some(([name]) => name !== "") ? 0 : 1;
  return Array.from({ length: rows + 1 - head }, (_, i) => line(i + head)).join("\n");
}
