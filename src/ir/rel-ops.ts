/** The closed tables of REL: ops of its expressions, and what makes lists. Whoever wants to know something of one asks its record. */
import type { CellElem } from "./rel.ts";
import { LIST_OPS } from "./rel-ops/list.ts";
import { MAKERS, type Maker } from "./rel-ops/makers.ts";
import { NUMBER_OPS } from "./rel-ops/number.ts";
import { op, type RelOp } from "./rel-ops/record.ts";
import { TEXT_OPS } from "./rel-ops/text.ts";
import { TIME_OPS } from "./rel-ops/time.ts";

const LOOKUP = {
  lookup: op(
    "the place of a string in a given table, 0 where it has none; the table's first is never found, of equal ones the first",
    [{ args: ["string", "table"], to: "i32" }],
    ([s, table]) => Math.max((table as readonly string[]).indexOf(s as string, 1), 0), // as: by the signature
  ),
} satisfies Record<string, RelOp>;

export const REL_OPS = { ...NUMBER_OPS, ...TEXT_OPS, ...TIME_OPS, ...LIST_OPS, ...LOOKUP };
export type OpName = keyof typeof REL_OPS;
export type MakerName = keyof typeof MAKERS;

export const relOp = (name: string): RelOp | undefined =>
  Object.hasOwn(REL_OPS, name) ? REL_OPS[name as OpName] : undefined; // as: it has it
export const maker = (name: string): Maker | undefined =>
  Object.hasOwn(MAKERS, name) ? MAKERS[name as MakerName] : undefined; // as: it has it

/** what an aggregate of values of one element is; undefined: there is none */
export function aggregateElem(op: string, of: CellElem | undefined): CellElem | undefined {
  const number = of === "i32" || of === "i64" || of === "f32" || of === "f64";
  switch (op) {
    case "count":
      return "i32";
    case "count_distinct":
      return of && "i32";
    case "sum":
      return of === "bool" ? "i32" : number ? of : undefined;
    case "mean":
      return of === "bool" || of === "i32" || of === "f32" ? "f32" : number ? "f64" : undefined;
    case "min":
    case "max":
      return of === "bool" ? undefined : of;
    case "any":
    case "all":
      return of === "bool" ? of : undefined;
    case "concat":
      return undefined; // of lists
    default:
      return of; // first
  }
}
