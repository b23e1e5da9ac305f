/** Ops that read or write at computed places: gather, scatter, concat. */
import type { Op } from "../op.ts";
import { addDim, type Dim, sameDim, sameShape, showShape, showType, tensor } from "../type.ts";
import { arity, dimOf, int, need, refuse, tensorAt, text } from "./attrs.ts";
import { pending } from "./pending.ts";

const sameHead = (a: readonly Dim[], b: readonly Dim[], count: number): boolean =>
  a.length >= count && b.length >= count && sameShape(a.slice(0, count), b.slice(0, count));

const gather: Op = {
  ...pending,
  name: "gather",
  doc: "x [B.., pre.., A, post..] at ids [B.., I..]: [B.., pre.., I.., post..]; ids outside are undefined",
  type: (args, attrs) => {
    arity(args, 2);
    const [x, ids, axis, batch] = [tensorAt(args, 0), tensorAt(args, 1), int(attrs, "axis"), int(attrs, "batch")];
    need(ids.elem === "i32", () => `gather at ${showType(ids)}`);
    need(
      sameHead(x.shape, ids.shape, batch) && axis >= batch && axis < x.shape.length,
      () => `gather along ${axis}, batch ${batch}, of ${showShape(x.shape)} at ${showShape(ids.shape)}`,
    );
    return tensor(x.elem, x.shape.toSpliced(axis, 1, ...ids.shape.slice(batch)), x.below);
  },
};
const scatter: Op = {
  ...pending,
  name: "scatter",
  doc: "adjoint of gather: zeros with extent `size` at `axis`, plus the values at the ids",
  type: (args, attrs) => {
    arity(args, 2);
    const [ids, values, axis, batch] = [tensorAt(args, 0), tensorAt(args, 1), int(attrs, "axis"), int(attrs, "batch")];
    const size = attrs["size"] === undefined ? refuse("scatter has no size") : dimOf(attrs["size"]);
    const inner = ids.shape.slice(batch);
    need(text(attrs, "op") === "add", () => `scatter by ${text(attrs, "op")}`);
    need(ids.elem === "i32" && values.elem !== "bool", () => `scatter of ${showType(values)} at ${showType(ids)}`);
    need(
      sameHead(values.shape, ids.shape, batch) &&
        axis >= batch &&
        sameShape(values.shape.slice(axis, axis + inner.length), inner),
      () => `scatter along ${axis}, batch ${batch}, of ${showShape(values.shape)} at ${showShape(ids.shape)}`,
    );
    return tensor(values.elem, values.shape.toSpliced(axis, inner.length, size));
  },
};
const concat: Op = {
  ...pending,
  name: "concat",
  doc: "tensors one after the other along an axis",
  type: (args, attrs) => {
    const axis = int(attrs, "axis");
    const all = args.map((_, i) => tensorAt(args, i));
    const first = all[0] ?? refuse("concat of nothing");
    need(axis >= 0 && axis < first.shape.length, () => `concat along ${axis} of ${showShape(first.shape)}`);
    for (const t of all)
      need(
        t.elem === first.elem &&
          t.shape.length === first.shape.length &&
          t.shape.every((d, i) => i === axis || sameDim(d, first.shape[i]!)),
        () => `concat of ${all.map(showType).join(" and ")}`,
      );
    const extent = all.map(t => t.shape[axis]!).reduce(addDim);
    const belows = all.map(t => t.below);
    const below = belows.every(b => typeof b === "number") ? Math.max(...belows) : undefined;
    return tensor(first.elem, first.shape.with(axis, extent), below);
  },
};

export const indexOps: readonly Op[] = [gather, scatter, concat];
