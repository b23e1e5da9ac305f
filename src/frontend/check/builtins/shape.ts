/** Other views of a tensor's elements: shapes, slices, pads, windows. */
import type { Static } from "../../core.ts";
import type { Builtin, BuiltinCall, Constant } from "../builtin.ts";
import { addDims, compareDims, type Dim, divDims, mulDims, productOf, relate, showDim, subDims } from "../dims.ts";
import { broadcast } from "../types.ts";
import { axesOf, computed, dimsOf, integersOf, showDims, typeOfShape, whole } from "./result.ts";

/** [lo, hi] of each axis: one number for all, one per axis, or a pair per axis; undefined where it is none of these */
export function widthsOf(width: Static | undefined, rank: number): readonly (readonly [Dim, Dim])[] | undefined {
  if (Array.isArray(width) && width.every(Array.isArray)) {
    const pairs = width.map(p => dimsOf(p));
    return pairs.length === rank && pairs.every(p => p?.length === 2)
      ? pairs.map(p => [p![0]!, p![1]!] as const)
      : undefined;
  }
  const one = dimsOf(width);
  if (!one) return undefined;
  if (!Array.isArray(width)) return Array.from({ length: rank }, () => [one[0]!, one[0]!] as const);
  return one.length === rank ? one.map(w => [w, w] as const) : undefined;
}

/** the shape with its one -1 filled in */
function reshaped(c: BuiltinCall): readonly Dim[] {
  const from = c.type("x").shape;
  const to = c.dims("shape");
  const all = productOf(from);
  const open = to.flatMap((d, i) => (d === -1 ? [i] : []));
  const sizes = `${showDims(from)} has ${showDim(all)} elements`;
  if (open.length > 1) return c.fail("-1 stands for one side only", "shape");
  const rest = productOf(to.filter(d => d !== -1));
  if (open.length === 0) {
    if (relate(all, rest) === "different") return c.fail(`${sizes}, ${showDims(to)} has ${showDim(rest)}`, "shape");
    return to;
  }
  if (rest === 0) return c.fail(`-1 in ${showDims(to)} could be any number`, "shape");
  const side = divDims(all, rest);
  if (relate(mulDims(side, rest), all) === "different")
    return c.fail(`${sizes}, no multiple of ${showDim(rest)}`, "shape");
  return to.map(d => (d === -1 ? side : d));
}
/** the same elements in another shape, of a constant */
const reshapedConstant = (
  shape: readonly Dim[],
  x: Constant | readonly Constant[] | undefined,
): Constant | undefined => (x && "k" in x && shape.every(d => typeof d === "number") ? { ...x, shape } : undefined);

function unsqueezed(c: BuiltinCall): readonly Dim[] {
  const { shape } = c.type("x");
  const axes = axesOf(c, "axis", shape.length + c.dims("axis").length);
  const rest = [...shape];
  return Array.from({ length: shape.length + axes.length }, (_, d) => (axes.includes(d) ? 1 : rest.shift()!));
}
function squeezed(c: BuiltinCall): readonly Dim[] {
  const { shape } = c.type("x");
  const axes = axesOf(c, "axis", shape.length);
  for (const a of axes)
    if (shape[a] !== 1) c.fail(`axis ${a} is ${showDim(shape[a]!)}, only a side of 1 can be dropped`, "axis");
  return shape.filter((_, d) => !axes.includes(d));
}
function expanded(c: BuiltinCall): readonly Dim[] {
  const [from, to] = [c.type("x").shape, c.dims("shape")];
  const both = broadcast(from, to);
  if (
    both.k === "differ" ||
    both.shape.length !== to.length ||
    both.shape.some((d, i) => relate(d, to[i]!) === "different")
  )
    return c.fail(`${showDims(from)} does not stretch to ${showDims(to)}`, "shape");
  return to;
}
function concatenated(c: BuiltinCall): { readonly axis: number; readonly shape: readonly Dim[] } {
  const parts = c.types("xs").map(t => t.shape);
  const first = parts[0];
  if (!first) return c.fail("concat of nothing", "xs");
  const axis = c.axis("axis", first.length);
  for (const p of parts) {
    if (p.length !== first.length) c.fail(`concat of tensors with ${first.length} and ${p.length} axes`, "xs");
    const other = p.findIndex((d, i) => i !== axis && relate(d, first[i]!) === "different");
    if (other >= 0)
      c.fail(`concat along axis ${axis}: axis ${other} is ${showDim(first[other]!)} and ${showDim(p[other]!)}`, "xs");
  }
  const side = parts.reduce<Dim>((n, p) => addDims(n, p[axis]!), 0);
  return { axis, shape: first.map((d, i) => (i === axis ? side : d)) };
}
function foldConcat(
  _: BuiltinCall,
  args: Readonly<Record<string, Constant | readonly Constant[]>>,
): Constant | undefined {
  const xs = args["xs"];
  if (!xs || "k" in xs || !xs.every(x => x.shape.length === 1 && integersOf(x))) return undefined;
  const data = xs.flatMap(x => x.data);
  return { k: "constant", elem: xs.every(x => x.elem === "int") ? "int" : "i32", shape: [data.length], data };
}

function sliced(c: BuiltinCall): readonly Dim[] {
  const [{ shape }, start, size] = [c.type("x"), c.type("start"), c.dims("size")];
  if (size.length !== shape.length)
    return c.fail(`\`size\` has ${size.length} numbers, x has ${shape.length} axes`, "size");
  if (start.shape.length !== 1 || relate(start.shape[0]!, shape.length) === "different")
    return c.fail(`\`start\` is ${showDims(start.shape)}, x has ${shape.length} axes`, "start");
  for (const [d, n] of size.entries()) {
    const order = compareDims(n, shape[d]!);
    if (order === ">") c.fail(`slice takes ${showDim(n)}, axis ${d} has ${showDim(shape[d]!)}`, "size");
  }
  return size;
}
function padded(c: BuiltinCall): readonly Dim[] {
  const { shape } = c.type("x");
  const widths = widthsOf(c.fixed("width"), shape.length);
  if (!widths)
    return c.fail(`\`width\` is one number, one for each of ${shape.length} axes, or a pair for each`, "width");
  if (widths.flat().some(w => typeof w === "number" && !Number.isInteger(w)))
    return c.fail("`width` counts elements: whole numbers", "width");
  if (typeof c.fixed("value") !== "number")
    return c.fail("`value` is one number that is known when compiling", "value");
  const between = c.dims("between");
  const spread = (d: number): Dim => (between.length === 1 ? between[0]! : between[d]!);
  if (between.length !== 1 && between.length !== shape.length)
    return c.fail(`\`between\` has ${between.length} numbers, x has ${shape.length} axes`, "between");
  return shape.map((side, d) => {
    const gaps = spread(d) === 0 ? 0 : mulDims(subDims(side, 1), spread(d));
    return addDims(addDims(side, gaps), addDims(widths[d]![0], widths[d]![1]));
  });
}
function windowed(c: BuiltinCall): readonly Dim[] {
  const { shape } = c.type("x");
  const axis = c.axis("axis", shape.length);
  const [n, stride, dilation] = [whole(c, "n", 1), whole(c, "stride", 1), whole(c, "dilation", 1)];
  if (c.has("by")) c.fail("`by` is for windows of an rdd", "by");
  const last = subDims(subDims(shape[axis]!, dilation * (n - 1)), 1);
  if (compareDims(last, 0) === "<")
    c.fail(`a window of ${dilation * (n - 1) + 1}, axis ${axis} has ${showDim(shape[axis]!)}`, "n");
  return shape.flatMap((d, i) => (i === axis ? [addDims(divDims(last, stride), 1), n] : [d]));
}
function tiled(c: BuiltinCall): readonly Dim[] {
  const [{ shape }, times] = [c.type("x"), c.dims("times")];
  if (times.length < shape.length)
    return c.fail(`\`times\` has ${times.length} numbers, x has ${shape.length} axes`, "times");
  const lead = times.length - shape.length;
  return times.map((t, d) => mulDims(t, shape[d - lead] ?? 1));
}

/** a rule of the shape alone: the element stays */
const view = (
  op: string,
  signature: string,
  fixed: readonly string[],
  shape: (c: BuiltinCall) => readonly Dim[],
  more: Partial<Builtin> = {},
): Builtin => ({ op, signature, fixed, result: c => typeOfShape(computed(c.type("x").elem), shape(c)), ...more });

export const shape: Readonly<Record<string, Builtin>> = {
  reshape: view("reshape", "reshape(x, shape: int[...])", ["shape"], reshaped, {
    foldCall: (c, args) => reshapedConstant(reshaped(c), args["x"]),
  }),
  unsqueeze: view("reshape", "unsqueeze(x, axis: int[...])", ["axis"], unsqueezed, {
    foldCall: (c, args) => reshapedConstant(unsqueezed(c), args["x"]),
  }),
  squeeze: view("reshape", "squeeze(x, axis: int[...])", ["axis"], squeezed),
  expand: view("broadcast", "expand(x, shape: int[...])", ["shape"], expanded),
  transpose: view("transpose", "transpose(x, axes = none)", ["axes"], c => {
    const { shape } = c.type("x");
    if (!c.has("axes")) return [...shape].reverse();
    const axes = axesOf(c, "axes", shape.length, true);
    if (axes.length !== shape.length) c.fail(`\`axes\` has ${axes.length} numbers, x has ${shape.length} axes`, "axes");
    return axes.map(a => shape[a]!);
  }),
  concat: {
    op: "concat",
    signature: "concat(xs: list number[...], axis: int = 0)",
    fixed: ["axis"],
    result: c => typeOfShape(c.types("xs")[0]?.elem ?? "f32", concatenated(c).shape),
    foldCall: foldConcat,
  },
  slice: view("slice", "slice(x, start: int[...], size: int[...])", ["size"], sliced),
  pad: view("pad", "pad(x, width, value = 0, between = 0)", ["width", "value", "between"], padded),
  flip: view("flip", "flip(x, axis: int[...])", ["axis"], c => {
    axesOf(c, "axis", c.type("x").shape.length);
    return c.type("x").shape;
  }),
  roll: view("roll", "roll(x, shift: int, axis: int)", ["shift", "axis"], c => {
    c.axis("axis", c.type("x").shape.length);
    return c.type("x").shape;
  }),
  tile: view("tile", "tile(x, times: int[...])", ["times"], tiled),
  window: view(
    "window",
    "window(x, n: int, stride: int = 1, by = none, axis: int = 0, dilation: int = 1)",
    ["n", "stride", "by", "axis", "dilation"],
    windowed,
  ),
};
