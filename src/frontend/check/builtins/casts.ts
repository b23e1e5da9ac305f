/** Casts: the names of the element types as functions. A cast to an integer goes towards zero and saturates. */
import type { CoreElem } from "../../core.ts";
import type { Builtin } from "../builtin.ts";
import { inElem } from "../types.ts";
import { typeOfShape } from "./result.ts";

const cast = (elem: CoreElem): Builtin => ({
  op: "cast",
  signature: `${elem}(x)`,
  result: c => typeOfShape(elem, c.type("x").shape),
  foldCall: (_, args) => {
    const x = args["x"];
    return x && "k" in x ? inElem(x, elem) : undefined;
  },
  ...(elem === "f16" || elem === "f32" || elem === "f64" ? {} : { flat: true as const }),
});

export const casts: Readonly<Record<string, Builtin>> = {
  bool: cast("bool"),
  u8: cast("u8"),
  i32: cast("i32"),
  i64: cast("i64"),
  f16: cast("f16"),
  f32: cast("f32"),
  f64: cast("f64"),
};
