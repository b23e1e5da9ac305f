/** Lane ops: one record per primitive of ir/prim.ts, over tensors of equal shapes. */
import type { Op } from "../op.ts";
import { isPrim, PRIMS, type Prim, takes } from "../prim.ts";
import { type Elem, sameDim, sameShape, showType, type TensorType, type Type, tensor } from "../type.ts";
import { arity, elemAttr, need, tensorAt } from "./attrs.ts";
import { pending } from "./pending.ts";

const WIDTH: { readonly [E in Elem]: number } = { bool: 0, i32: 32, u32: 32, i64: 64, f16: 16, f32: 32, f64: 64 };
const isIndex = (e: Elem): boolean => e === "i32" || e === "u32" || e === "i64";

function typeOfPrim(name: Prim, args: readonly Type[], to: () => Elem): Type {
  const record = PRIMS[name];
  arity(args, record.arity);
  const all = args.map((_, i) => tensorAt(args, i));
  const last = all[all.length - 1]!;
  need(takes(name, last.elem), () => `${name} takes no ${last.elem}`);
  for (const t of all) need(sameShape(t.shape, last.shape), () => `${name} of ${all.map(showType).join(" and ")}`);
  if (name === "select") need(all[0]!.elem === "bool", () => `select by ${showType(all[0]!)}`);
  for (const t of name === "select" ? all.slice(1) : all)
    need(t.elem === last.elem, () => `${name} of ${all.map(showType).join(" and ")}`);
  if (name === "cast") return tensor(to(), last.shape, isIndex(last.elem) && isIndex(to()) ? last.below : undefined);
  if (name === "bitcast") {
    need(WIDTH[to()] === WIDTH[last.elem], () => `bitcast of ${last.elem} to ${to()}`);
    return tensor(to(), last.shape);
  }
  if (name === "select") return tensor(last.elem, last.shape, commonBelow(all[1]!, last));
  return tensor(record.result === "bool" ? "bool" : last.elem, last.shape);
}
function commonBelow(a: TensorType, b: TensorType): TensorType["below"] {
  if (a.below === undefined || b.below === undefined) return undefined;
  if (typeof a.below === "number" && typeof b.below === "number") return Math.max(a.below, b.below);
  return sameDim(a.below, b.below) ? a.below : undefined;
}

const laneOp = (name: Prim): Op => ({
  ...pending,
  name,
  doc: `${name} of each element, as ir/prim.ts says`,
  type: (args, attrs) => typeOfPrim(name, args, () => elemAttr(attrs)),
});

export const laneOps: readonly Op[] = Object.keys(PRIMS).filter(isPrim).map(laneOp);
