/** Tensors made of numbers, tensors read and written by index, and sums of products. */
import type { Builtin, BuiltinCall } from "../builtin.ts";
import { type Dim, subDims } from "../dims.ts";
import { broadcast } from "../types.ts";
import { computed, isDim, sameSide, showDims, typeOfShape } from "./result.ts";

function ranged(c: BuiltinCall): readonly Dim[] {
  const dim = (formal: string): Dim => {
    const d = c.fixed(formal);
    const whole = isDim(d) && (typeof d !== "number" || Number.isInteger(d));
    return whole ? d : c.fail("a range is of whole numbers that are known when compiling", formal);
  };
  const n = c.has("stop") ? subDims(dim("stop"), dim("start")) : dim("start");
  if (typeof n === "number" && n < 0) c.fail(`a range of ${n}`, "start");
  return [n];
}

function gathered(c: BuiltinCall): readonly Dim[] {
  const [x, ids] = [c.type("x"), c.type("ids")];
  const axis = c.axis("axis", x.shape.length);
  return [...x.shape.slice(0, axis), ...ids.shape, ...x.shape.slice(axis + 1)];
}
function scattered(c: BuiltinCall): readonly Dim[] {
  const [x, ids, values] = [c.type("x"), c.type("ids"), c.type("values")];
  if (x.shape.length === 0) c.fail("scatter_add into one number", "x");
  const wanted = [...ids.shape, ...x.shape.slice(1)];
  const both = broadcast(values.shape, wanted);
  if (both.k === "differ" || both.shape.length !== wanted.length)
    return c.fail(`values are ${showDims(values.shape)}, ${showDims(wanted)} is needed`, "values");
  return x.shape;
}

/** the sides of the letters of the result */
function summed(c: BuiltinCall): readonly Dim[] {
  const spec = c.fixed("spec");
  const text = typeof spec === "string" ? spec.replaceAll(" ", "") : "";
  const form = /^([a-z]*(?:,[a-z]*)*)->([a-z]*)$/.exec(text);
  if (!form)
    return c.fail(
      '`spec` is like "ik,kj->ij": a letter per axis, `,` between operands, `->`, the letters of the result',
      "spec",
    );
  const terms = form[1]!.split(",");
  const given = (["a", "b", "c"] as const).filter(f => f === "a" || c.has(f));
  if (terms.length !== given.length)
    return c.fail(`\`spec\` has ${terms.length} operands, ${given.length} are given`, "spec");
  const sides = new Map<string, Dim>();
  given.forEach((f, i) => {
    const { shape } = c.type(f);
    if (shape.length !== terms[i]!.length)
      c.fail(`"${terms[i]}" has ${terms[i]!.length} letters, \`${f}\` has ${shape.length} axes`, f);
    [...terms[i]!].forEach((l, d) => {
      const old = sides.get(l);
      sides.set(l, old === undefined ? shape[d]! : sameSide(c, old, shape[d]!, `\`${l}\` has two sides`));
    });
  });
  const out = [...form[2]!];
  if (new Set(out).size < out.length) return c.fail("a letter comes twice in the result", "spec");
  return out.map(l => sides.get(l) ?? c.fail(`\`${l}\` is in no operand`, "spec"));
}

export const tensors: Readonly<Record<string, Builtin>> = {
  full: {
    op: "full",
    signature: "full(shape: int[...], value)",
    fixed: ["shape"],
    result: c => {
      const { elem, shape } = c.type("value");
      if (shape.length) c.fail(`\`value\` is one number, this is ${showDims(shape)}`, "value", "expand(value, shape)");
      return typeOfShape(elem, c.dims("shape"));
    },
  },
  range: {
    op: "range",
    signature: "range(start, stop = none)",
    fixed: ["start", "stop"],
    result: c => typeOfShape("i32", ranged(c)),
  },
  gather: {
    op: "gather",
    signature: "gather(x, ids: int[...], axis: int = 0)",
    fixed: ["axis"],
    result: c => typeOfShape(computed(c.type("x").elem), gathered(c)),
  },
  scatter_add: {
    op: "scatter_add",
    signature: "scatter_add(x, ids: int[...], values)",
    result: c => typeOfShape(computed(c.type("x").elem), scattered(c)),
  },
  einsum: {
    op: "einsum",
    signature: "einsum(spec, a: number[...a], b: number[...b] = none, c: number[...c] = none)",
    fixed: ["spec"],
    result: c => typeOfShape(computed(c.type("a").elem), summed(c)),
  },
};
