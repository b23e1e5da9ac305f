/** A view's map, composed into the access of whoever reads through it. Knows no op. */
import type { Index, Val } from "../../ir/kernel.ts";
import { addIndex, constant, indexVal, sameIndex } from "../../ir/kernel-walk.ts";
import type { Coordinate, Form, Guard } from "../../ir/map.ts";
import { dimVal, int, prim } from "../../ir/ops/kernel-build.ts";
import { addDim, sameDim, type TensorType } from "../../ir/type.ts";

const form = (f: Form, at: readonly Index[]): Index =>
  f.terms.reduce((x, t) => addIndex(x, at[t.axis]!, t.by), constant(f.base));

/** affine where it is; else a gathered value, clamped because a guard may let it be outside */
export function coordinate(
  c: Coordinate,
  at: readonly Index[],
  extent: TensorType["shape"][number],
  guards: readonly Guard[],
): Index {
  const f = form(c, at);
  // a gathered coordinate is read wherever it lies: one that a guard may find outside is clamped, too
  if (c.div === 1 && c.mod === undefined)
    return f.gather && guards.some(g => sameIndex(form(g.form, at), f)) ? clamped(indexVal(f), extent) : f;
  let v = indexVal(f);
  if (c.div !== 1) v = prim("div", v, int(c.div));
  if (c.mod !== undefined) v = prim("rem", v, int(c.mod));
  return clamped(v, extent);
}
function clamped(v: Val, extent: TensorType["shape"][number]): Index {
  return { base: 0, terms: [], gather: prim("max", prim("min", v, dimVal(addDim(extent, -1))), int(0)) };
}
/** an access reads its fill outside its tensor by itself; any other guard is a select */
export function guarded(v: Val, guard: Guard, fill: number, elem: TensorType["elem"], at: readonly Index[]): Val {
  const f = form(guard.form, at);
  if (v.k === "read" && guard.by === undefined && (v.from.fill ?? fill) === fill) {
    const d = v.from.index.findIndex((i, q) => sameIndex(i, f) && sameDim(v.from.of.shape[q]!, guard.below));
    if (d >= 0) return { ...v, from: { ...v.from, fill } };
  }
  const x = indexVal(f);
  const tests = [prim("le", int(0), x), prim("lt", x, dimVal(guard.below))];
  if (guard.by !== undefined && guard.by !== 1) tests.push(prim("eq", prim("rem", x, int(guard.by)), int(0)));
  return prim(
    "select",
    tests.reduce((a, b) => prim("and", a, b)),
    v,
    { k: "const", value: fill, elem },
  );
}
