/** Cells of columns as people and files have them: numbers, texts, instants, and what is missing. Knows no table. */
import type { Listed } from "../ir/plan.ts";
import { sizeOf } from "../ir/type.ts";
import { type TensorData, valueAt, view } from "./dtype.ts";
import { type Item, itemsIn } from "./lists.ts";

/** a tensor, and what its elements stand for */
export interface Cells extends TensorData {
  /** i32: numbers of strings */
  readonly texts?: (number: number) => string;
  /** i64: microseconds since 1970 began, in UTC */
  readonly times?: true;
  /** of texts that stand for lists: what the elements are */
  readonly list?: Listed;
  /** bool words, one per row: which of them have a value; absent: all */
  readonly present?: TensorData;
}
/** what a cell says: nothing, a number (of a bool 0 or 1), or what is written as it stands */
export type Cell =
  | { readonly k: "none" }
  | { readonly k: "number"; readonly value: number | bigint }
  | { readonly k: "text" | "time"; readonly text: string }
  | { readonly k: "list"; readonly items: readonly Item[] };

const NONE: Cell = { k: "none" };
/** whether element i of a tensor is there: a tensor in a row is there, or is missing as a whole */
function thereIn({ shape, present }: Cells): (i: number) => boolean {
  if (!present) return () => true;
  const all = view(present.store, present.bytes);
  const each = Math.max(1, sizeOf(shape) / Math.max(1, sizeOf(present.shape)));
  return i => Number(all[Math.floor(i / each)]) !== 0;
}
/** whether axis d of a tensor, from element i on, is what a row has of it, and is missing */
export function missingIn(c: Cells): (d: number, i: number) => boolean {
  const isThere = thereIn(c);
  return (d, i) => c.present !== undefined && d === c.present.shape.length && d < c.shape.length && !isThere(i);
}
/** the cells of scalars, by row */
export function cellsOf(c: Cells): (row: number) => Cell {
  const values = view(c.store, c.bytes);
  const isThere = thereIn(c);
  return row => {
    if (!isThere(row)) return NONE;
    const value = valueAt(c.store, values, row);
    if (c.texts && c.list) return { k: "list", items: itemsIn(c.texts(Number(value)), c.list) };
    if (c.texts) return { k: "text", text: c.texts(Number(value)) };
    return c.times ? { k: "time", text: timeText(BigInt(value)) } : { k: "number", value };
  };
}

const DAY = 86_400_000_000n;
/** an instant as ISO 8601 has it, with a space; seconds with as many digits as they need: 2025-03-01 12:00:00.5 */
export function timeText(microseconds: bigint): string {
  const days = microseconds / DAY - (microseconds % DAY < 0n ? 1n : 0n);
  const rest = Number(microseconds - days * DAY);
  const two = (n: number): string => String(n).padStart(2, "0");
  const seconds = Math.floor(rest / 1e6);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(":");
  const fraction =
    rest % 1e6 === 0
      ? ""
      : `.${String(rest % 1e6)
          .padStart(6, "0")
          .replace(/0+$/, "")}`;
  const [year, month, day] = civil(Number(days));
  const years = String(Math.abs(year)).padStart(year < 0 ? 6 : 4, "0");
  return `${year < 0 ? "-" : ""}${years}-${two(month)}-${two(day)} ${clock}${fraction}`;
}
/** year, month and day of the days since 1970 began (Hinnant, chrono-compatible low-level date algorithms) */
function civil(days: number): readonly [year: number, month: number, day: number] {
  const shifted = days + 719468;
  const era = Math.floor(shifted / 146097);
  const dayOfEra = shifted - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day];
}
