/** The slices of a tensor along axis 0, as the list that it stands for: one of them, all, all joined. Knows no list of the run. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import type { TensorType } from "../core.ts";
import * as build from "./build.ts";
import type { Constant } from "./builtin.ts";
import { fail, placed, Reported } from "./context.ts";
import { mulDims, showDim } from "./dims.ts";
import { FOLDED } from "./fold.ts";
import { toExpr } from "./operate.ts";
import { describe } from "./types.ts";
import {
  type Frame,
  type Given,
  isTensor,
  knownOf,
  settled,
  type TensorValue,
  tensorValue,
  typeOf,
  type Value,
} from "./value.ts";

type Operand = Constant | TensorValue;
/** a list of tensors; a tensor is the list of its slices along axis 0 */
export function items(f: Frame, name: string, v: Value, span: Span): readonly Operand[] {
  if (v.k === "list")
    return v.items.map(i =>
      isTensor(i)
        ? i
        : i.k === "poison"
          ? poisoned()
          : fail(f, { message: `${name} needs a list of tensors, this has ${describe(i)}`, span }),
    );
  if (!isTensor(v))
    return fail(f, {
      message: `${name} needs a list of tensors, this is ${v.k === "rdd" ? "an " : ""}${describe(v)}`,
      span,
    });
  const t = typeOf(v);
  const n = t.shape[0];
  if (n === undefined) return fail(f, { message: `${name} needs a list of tensors, this is ${describe(v)}`, span });
  if (typeof n !== "number" || n > FOLDED)
    return fail(f, { message: `${name} joins tensors along an axis of theirs, these are ${showDim(n)} slices`, span });
  if (n === 0) return fail(f, { message: `${name} joins tensors, here is none`, span });
  return Array.from({ length: n }, (_, i) => sliceAt(v, i, span));
}
/** concat of the slices of one tensor, however many: its first two axes, or the first and that of `axis`, become one */
export function slicesJoined(f: Frame, call: ReadonlyMap<string, Given>, site: Ast.Expr): Value | undefined {
  const [x, axis] = [...call.values()];
  const v = x?.value;
  if (!v || !isTensor(v) || !axis) return undefined;
  const t = typeOf(v);
  const n = t.shape[0];
  if (n === undefined || t.shape.length < 2 || (typeof n === "number" && n <= FOLDED)) return undefined;
  const k = knownOf(axis.value)?.constant.data[0];
  const rank = t.shape.length - 1;
  if (typeof k !== "number" || k < -rank || k >= rank) return undefined;
  const a = k < 0 ? k + rank : k;
  const span = placed(f, site.span);
  const rest = t.shape.slice(1);
  const axes = [...rest.keys()].map(d => d + 1);
  axes.splice(a, 0, 0);
  const moved: TensorType = { ...t, shape: axes.map(d => t.shape[d]!) };
  const own = toExpr(v, settled(v.k === "constant" ? v.elem : t.elem), span);
  const turned = a === 0 ? own : build.op("transpose", [own], moved, span, { attrs: { axes } });
  const shape = rest.map((d, i) => (i === a ? mulDims(n, d) : d));
  return tensorValue(build.op("reshape", [turned], { ...t, shape }, span));
}
/** x[i] of a tensor */
export function sliceAt(v: Operand, i: number, span: Span): Operand {
  const t = typeOf(v);
  const rest = t.shape.slice(1);
  const part = (c: Constant): Constant => {
    const size = c.data.length / (c.shape[0] || 1);
    return { ...c, shape: c.shape.slice(1), data: c.data.slice(i * size, (i + 1) * size) };
  };
  if (v.k === "constant") return part(v);
  const size = [1, ...rest];
  const cut = build.op("slice", [v.expr], { ...t, shape: size }, span, {
    attrs: { start: size.map((_, d) => (d === 0 ? i : 0)), step: size.map(() => 1), size },
  });
  const known = v.known && { known: { ...v.known, constant: part(v.known.constant) } };
  return tensorValue(build.op("reshape", [cut], { ...t, shape: rest }, span), known ?? {});
}
const poisoned = (): never => {
  throw new Reported();
};
