/** What operators are on constants: element by element, on dims as polynomials. Knows no residual value. */
import type { Constant } from "./builtin.ts";
import { addDims, compareDims, type Dim, modDims, mulDims, productOf, relate, subDims } from "./dims.ts";
import type { Operator } from "./operate.ts";
import { type Elem, elementIn, isFloat } from "./types.ts";
import { type Known, knownOf, type TensorValue } from "./value.ts";

type Operand = Constant | TensorValue;
/** constants of more elements stay residual: they are data, not parameters */
export const FOLDED = 4096;
export function foldKnown(
  operands: readonly Operand[],
  elems: readonly Elem[],
  shape: readonly Dim[],
  result: Elem,
  fold: (...x: readonly Dim[]) => Dim | undefined,
): Known | undefined {
  const known = operands.map(knownOf);
  if (known.some(k => k === undefined)) return undefined;
  const size = productOf(shape);
  if (typeof size !== "number" || size > FOLDED) return undefined;
  const sides = shape as readonly number[];
  const data: Dim[] = [];
  for (let i = 0; i < size; i++) {
    const x = fold(...known.map((k, j) => elementIn(elementAt(k!.constant, sides, i), elems[j]!)));
    if (x === undefined) return undefined;
    data.push(result === "int" || result === "decimal" ? x : elementIn(x, result));
  }
  const params = [...new Set(known.flatMap(k => k!.params))];
  return { constant: { k: "constant", elem: result, shape: sides, data }, params };
}
/** element of a constant broadcast to `shape`, at row-major position `i` there */
export function elementAt(c: Constant, shape: readonly number[], i: number): Dim {
  let at = 0;
  let stride = 1;
  let rest = i;
  for (let d = shape.length - 1; d >= 0; d--) {
    const x = rest % shape[d]!;
    rest = Math.floor(rest / shape[d]!);
    const own = d - shape.length + c.shape.length;
    if (own >= 0) {
      if (c.shape[own]! > 1) at += x * stride;
      stride *= c.shape[own]!;
    }
  }
  return c.data[at]!;
}
/** the meaning of an operator on numbers and dims; undefined where a symbol leaves it open */
export function foldDims(o: Operator, elem: Elem, a: Dim, b: Dim): Dim | undefined {
  if (typeof a === "number" && typeof b === "number") return foldNumbers(o, a, b);
  switch (o) {
    case "+":
      return addDims(a, b);
    case "-":
      return subDims(a, b);
    case "*":
      return mulDims(a, b);
    case "%":
      return b !== 0 && !isFloat(elem) ? modDims(a, b) : undefined;
    case "^":
      return typeof b === "number" && Number.isInteger(b) && b >= 0 && b <= 8
        ? Array.from({ length: b }).reduce<Dim>(p => mulDims(p, a), 1)
        : undefined;
    case "/":
      return undefined;
    case "==":
    case "!=": {
      const r = relate(a, b);
      return r === "unknown" ? undefined : (r === "equal") === (o === "==") ? 1 : 0;
    }
    case "<":
    case "<=":
    case ">":
    case ">=":
      return foldOrder(o, compareDims(a, b));
    default:
      return o satisfies never;
  }
}
function foldOrder(o: "<" | "<=" | ">" | ">=", c: ReturnType<typeof compareDims>): number | undefined {
  if (c === "?") return undefined;
  const yes = {
    "<": c === "<",
    "<=": c === "<" || c === "<=" || c === "=",
    ">": c === ">",
    ">=": c === ">" || c === ">=" || c === "=",
  };
  const no = {
    "<": c === ">" || c === ">=" || c === "=",
    "<=": c === ">",
    ">": c === "<" || c === "<=" || c === "=",
    ">=": c === "<",
  };
  return yes[o] ? 1 : no[o] ? 0 : undefined;
}
export function foldNumbers(o: Operator, a: number, b: number): number {
  switch (o) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    case "%":
      return a - b * Math.floor(a / b);
    case "^":
      return a ** b;
    case "==":
      return a === b ? 1 : 0;
    case "!=":
      return a !== b ? 1 : 0;
    case "<":
      return a < b ? 1 : 0;
    case "<=":
      return a <= b ? 1 : 0;
    case ">":
      return a > b ? 1 : 0;
    case ">=":
      return a >= b ? 1 : 0;
    default:
      return o satisfies never;
  }
}
