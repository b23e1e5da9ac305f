/** A number that hangs on how many records a step has, as GRAPH computes it: a polynomial of dims, term by term. Knows no tensors' sides. */
import type { Node } from "../../ir/node.ts";
import * as g from "../../ir/ops/index.ts";
import type { Elem } from "../../ir/type.ts";
import type { Atom, Dim } from "../check/dims.ts";
import { floorDiv } from "./lane.ts";

/** `d` with nothing open but the number of records; what is no whole multiple is computed in the float that it has, all else in i32 */
export function countOf(d: Dim, elem: Elem): Node {
  const own = elem === "f32" || elem === "f64" ? elem : "i32";
  return g.cast(elem, sumOf(d, own));
}
type Own = "i32" | "f32" | "f64";
function sumOf(d: Dim, elem: Own): Node {
  if (typeof d === "number") return g.full(d, elem);
  const terms = d.terms.map(({ by, atoms }) => {
    const all = atoms.map(a => g.cast(elem, atomOf(a)));
    return (by === 1 && all.length ? all : [...all, g.full(by, elem)]).reduce((x, y) => g.lane("mul", x, y));
  });
  return terms.reduce((x, y) => g.lane("add", x, y));
}
function atomOf(a: Atom): Node {
  if (a.k === "symbol") return g.records("i32");
  const [x, y] = [sumOf(a.a, "i32"), sumOf(a.b, "i32")];
  return a.k === "max" ? g.lane("max", x, y) : floorDiv(x, y);
}
