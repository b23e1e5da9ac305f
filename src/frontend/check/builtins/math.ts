/** Functions of numbers, element by element. log1p, expm1 and what is made of others is in prelude/math.hs. */
import type { Builtin } from "../builtin.ts";
import { divDims, maxDims, negDim } from "../dims.ts";
import { typeOfShape } from "./result.ts";

const float = (op: string, fold: (x: number) => number): Builtin => ({
  op,
  signature: `${op}(x)`,
  lane: "float",
  fold,
});
const whole = (op: string, fold: (x: number) => number): Builtin => ({
  op,
  signature: `${op}(x)`,
  lane: "same",
  fold,
  flat: true,
});
/** half to even, as the lane primitive */
function rint(x: number): number {
  const r = Math.round(x);
  return Math.abs(x % 1) === 0.5 && r % 2 !== 0 ? r - 1 : r;
}

export const math: Readonly<Record<string, Builtin>> = {
  abs: { op: "abs", signature: "abs(x)", lane: "same", fold: Math.abs },
  sign: whole("sign", Math.sign),
  floor: whole("floor", Math.floor),
  ceil: whole("ceil", Math.ceil),
  round: whole("round", rint),
  exp: float("exp", Math.exp),
  log: float("log", Math.log),
  sqrt: float("sqrt", Math.sqrt),
  sin: float("sin", Math.sin),
  cos: float("cos", Math.cos),
  tanh: float("tanh", Math.tanh),
  erf: { op: "erf", signature: "erf(x)", lane: "float" },
  minimum: {
    op: "minimum",
    signature: "minimum(a, b)",
    lane: "same",
    fold: Math.min,
    foldDims: (a, b) => negDim(maxDims(negDim(a!), negDim(b!))),
  },
  maximum: {
    op: "maximum",
    signature: "maximum(a, b)",
    lane: "same",
    fold: Math.max,
    foldDims: (a, b) => maxDims(a!, b!),
  },
  div: {
    op: "floordiv",
    signature: "div(a, b)",
    lane: "same",
    fold: (a, b) => Math.floor(a! / b!),
    foldDims: (a, b) => divDims(a!, b!),
  },
  isnan: { op: "isnan", signature: "isnan(x)", lane: "bool", fold: x => (Number.isNaN(x) ? 1 : 0) },
  stop_gradient: {
    op: "stop_gradient",
    signature: "stop_gradient(x)",
    result: c => typeOfShape(c.type("x").elem, c.type("x").shape),
  },
};
