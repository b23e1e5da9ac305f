/** Draws. normal and bernoulli are made of uniform in prelude/random.hs. */
import type { Builtin } from "../builtin.ts";
import { showDims, typeOfShape } from "./result.ts";

export const random: Readonly<Record<string, Builtin>> = {
  uniform: {
    op: "uniform",
    signature: "uniform(shape: int[...] = [], low: float = 0, high: float = 1, seed: int = none)",
    fixed: ["shape"],
    random: true,
    result: c => {
      for (const f of ["low", "high"])
        if (c.type(f).shape.length) c.fail(`\`${f}\` is one number, this is ${showDims(c.type(f).shape)}`, f);
      return typeOfShape("f32", c.dims("shape"));
    },
  },
  randint: {
    op: "randint",
    signature: "randint(low: int, high: int, shape: int[...] = [], seed: int = none)",
    fixed: ["shape"],
    random: true,
    flat: true,
    result: c => typeOfShape("i32", c.dims("shape")),
  },
};
