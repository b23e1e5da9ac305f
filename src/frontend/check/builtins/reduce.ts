/** Reductions of a tensor over axes, and running sums along one. Those of an rdd, of the same names, are part of check. */
import type { CoreElem } from "../../core.ts";
import type { Builtin, BuiltinCall, Constant } from "../builtin.ts";
import { addDims, type Dim, mulDims } from "../dims.ts";
import { axesOf, computed, fractional, integersOf, typeOfShape } from "./result.ts";

const kept = (c: BuiltinCall): readonly Dim[] => {
  const { shape } = c.type("x");
  const axes = axesOf(c, "axis", shape.length);
  return shape.filter((_, d) => !axes.includes(d));
};
/** of nothing there is no greatest */
function something(c: BuiltinCall, op: string): void {
  const { shape } = c.type("x");
  if (axesOf(c, "axis", shape.length).some(d => shape[d] === 0)) c.fail(`${op} of no elements`, "x");
}
const counted = (e: CoreElem): CoreElem => (e === "bool" ? "i32" : computed(e));

const reduction = (
  op: string,
  elem: (e: CoreElem, c: BuiltinCall) => CoreElem,
  more: Partial<Builtin> = {},
): Builtin => ({
  op,
  signature: `${op}(x, axis = none)`,
  fixed: ["axis"],
  result: c => typeOfShape(elem(c.type("x").elem, c), kept(c)),
  ...more,
});
/** of a vector of integers or dims, such as a shape */
const foldDims =
  (start: Dim, by: (a: Dim, b: Dim) => Dim): NonNullable<Builtin["foldCall"]> =>
  (_, args): Constant | undefined => {
    const x = args["x"];
    if (!x || !("k" in x) || x.shape.length !== 1) return undefined;
    const data = integersOf(x);
    return data && { k: "constant", elem: x.elem === "int" ? "int" : "i32", shape: [], data: [data.reduce(by, start)] };
  };
const logical = (e: CoreElem, c: BuiltinCall): CoreElem =>
  e === "bool" ? "bool" : c.fail(`a bool is needed, this is ${e}`, "x", "compare it: any(x > 0)");
const number = (e: CoreElem, c: BuiltinCall): CoreElem =>
  e === "bool" ? c.fail("a bool is no number", "x", "any(x), all(x), or i32(x)") : computed(e);

const extreme = (op: string): Builtin =>
  reduction(op, (e, c) => {
    something(c, op);
    return number(e, c);
  });

const argument = (op: string): Builtin => ({
  op,
  signature: `${op}(x, axis = -1)`,
  fixed: ["axis"],
  flat: true,
  result: c => {
    if (c.type("x").shape.length === 0) c.fail(`${op} of one number`, "x");
    something(c, op);
    return typeOfShape("i32", kept(c));
  },
});

export const reduce: Readonly<Record<string, Builtin>> = {
  sum: reduction("sum", counted, { foldCall: foldDims(0, addDims) }),
  prod: reduction("prod", counted, { foldCall: foldDims(1, mulDims) }),
  mean: reduction("mean", fractional),
  max: extreme("max"),
  min: extreme("min"),
  any: reduction("any", logical),
  all: reduction("all", logical),
  cumsum: {
    op: "cumsum",
    signature: "cumsum(x, axis = -1)",
    fixed: ["axis"],
    result: c => {
      c.axis("axis", c.type("x").shape.length);
      return typeOfShape(counted(c.type("x").elem), c.type("x").shape);
    },
  },
  argmax: argument("argmax"),
  argmin: argument("argmin"),
};
