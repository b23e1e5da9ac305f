/** What is known of the values of a column by how a table is made, without a look at its rows. Knows no engine. */
import type { CellElem, Rel, RelExpr } from "./rel.ts";
import { columnsOf, elemOf, partner } from "./rel-verify.ts";

type Scan = Extract<Rel, { k: "scan" }>;
/** the table without the steps that choose or order its rows, and what makes the column there, in terms of the table below; undefined: it is one of its columns */
function madeAs(r: Rel, name: string): readonly [below: Rel, x: RelExpr | undefined] {
  switch (r.k) {
    case "filter":
    case "sort":
    case "take":
    case "split":
    case "shuffle":
      return madeAs(r.of, name);
    case "map":
      return [r.of, r.columns.find(([n]) => n === name)![1]];
    default:
      return [r, undefined];
  }
}
/** the column of a file, some of whose values these are, none of which can be missing there */
export function fileColumn(
  x: RelExpr,
  of: Rel,
): { readonly scan: Scan; readonly at: number; readonly elem: CellElem } | undefined {
  if (x.k !== "column") return undefined;
  const [below, made] = madeAs(of, x.name);
  if (made) return fileColumn(made, below);
  if (below.k !== "scan" || partner(x.name, below.columns) !== undefined) return undefined;
  const at = below.columns.findIndex(([n]) => n === x.name);
  const cell = below.columns[at]?.[1];
  return cell?.k === "scalar" ? { scan: below, at, elem: cell.elem } : undefined;
}
/** integers and bools as numbers of f64 */
export function isWhole(x: RelExpr, of: Rel): boolean {
  if (x.k === "column") {
    const [below, made] = madeAs(of, x.name);
    return made !== undefined && isWhole(made, below);
  }
  if (x.k !== "op" || x.op !== "cast" || x.elem !== "f64") return false;
  return !/^f/.test(elemOf(x.args[0]!, { columns: columnsOf(of), elements: [] }, "cast"));
}
