/** Reductions: fold axes by an operation, find an extremum, contract two operands. */
import type { Op } from "../op.ts";
import { type Dim, isFloat, sameDim, showShape, showType, tensor } from "../type.ts";
import { arity, ints, need, refuse, sortedAxes, tensorAt, text, volumeDim } from "./attrs.ts";
import { pending } from "./pending.ts";

const reduce: Op = {
  ...pending,
  name: "reduce",
  doc: "folds axes by add, mul, max, min (numbers), and, or (bool); the axes are dropped",
  type: (args, attrs) => {
    arity(args, 1);
    const [x, by, axes] = [tensorAt(args, 0), text(attrs, "op"), ints(attrs, "axes")];
    const logic = by === "and" || by === "or";
    need(logic || ["add", "mul", "max", "min"].includes(by), () => `reduce by ${by}`);
    need((x.elem === "bool") === logic, () => `reduce of ${x.elem} by ${by}`);
    need(sortedAxes(axes, x.shape.length), () => `reduce of axes [${axes.join(", ")}] of ${showShape(x.shape)}`);
    const extremum = by === "max" || by === "min";
    const filled = axes.every(a => typeof x.shape[a] === "number" && x.shape[a] > 0);
    return tensor(
      x.elem,
      x.shape.filter((_, d) => !axes.includes(d)),
      extremum && filled ? x.below : undefined,
    );
  },
};
const argreduce: Op = {
  ...pending,
  name: "argreduce",
  doc: "row-major index over the axes of the first max or min; NaN wins",
  type: (args, attrs) => {
    arity(args, 1);
    const [x, by, axes] = [tensorAt(args, 0), text(attrs, "op"), ints(attrs, "axes")];
    need(by === "max" || by === "min", () => `argreduce by ${by}`);
    need(x.elem !== "bool", () => "argreduce of bool");
    need(axes.length > 0 && sortedAxes(axes, x.shape.length), () => `argreduce of axes [${axes.join(", ")}]`);
    return tensor(
      "i32",
      x.shape.filter((_, d) => !axes.includes(d)),
      volumeDim(axes.map(a => x.shape[a]!)),
    );
  },
};

/** the three words of "ik,kj->ij" */
export function parseSpec(spec: string): readonly [a: string, b: string, out: string] {
  const m = /^([a-zA-Z]*),([a-zA-Z]*)->([a-zA-Z]*)$/.exec(spec);
  return m ? [m[1]!, m[2]!, m[3]!] : refuse(`${spec} is no contraction`);
}
/** the extent of each letter, operands first to last */
export function letters(spec: string, shapes: readonly (readonly Dim[])[]): ReadonlyMap<string, Dim> {
  const extents = new Map<string, Dim>();
  parseSpec(spec)
    .slice(0, 2)
    .forEach((word, i) => {
      need(word.length === shapes[i]!.length, () => `${spec}: operand ${i} is ${showShape(shapes[i]!)}`);
      [...word].forEach((c, d) => {
        const [old, now] = [extents.get(c), shapes[i]![d]!];
        need(
          old === undefined || sameDim(old, now),
          () => `${spec} of ${shapes.map(showShape).join(" and ")}: letter ${c}`,
        );
        extents.set(c, now);
      });
    });
  return extents;
}
const contract: Op = {
  ...pending,
  name: "contract",
  doc: "the sum of products over the letters that the result lacks",
  type: (args, attrs) => {
    arity(args, 2);
    const [a, b, spec] = [tensorAt(args, 0), tensorAt(args, 1), text(attrs, "spec")];
    need(
      a.elem === b.elem && (isFloat(a.elem) || a.elem === "i32"),
      () => `contract of ${showType(a)} and ${showType(b)}`,
    );
    const words = parseSpec(spec);
    for (const w of words) need(new Set(w).size === w.length, () => `${spec}: a letter twice in one operand`);
    const extents = letters(spec, [a.shape, b.shape]);
    return tensor(
      a.elem,
      [...words[2]].map(c => extents.get(c) ?? refuse(`${spec}: letter ${c} stands in no operand`)),
    );
  },
};

export const reduceOps: readonly Op[] = [reduce, argreduce, contract];
