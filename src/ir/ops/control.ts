/** Ops over functions and tuples, and marks on values: map, grad, call, get, stop_gradient, check. */
import type { Op } from "../op.ts";
import { type Dim, isFloat, sameDim, sameType, showDim, showType, type Type, tensor, tuple } from "../type.ts";
import { arity, dimOf, flags, fnAttr, int, ints, need, refuse, tensorAt } from "./attrs.ts";
import { pending } from "./pending.ts";

const takesParams = (what: string, params: readonly Type[], given: readonly Type[]): void =>
  need(
    params.length === given.length && params.every((p, i) => sameType(p, given[i]!)),
    () => `${what} of (${params.map(showType).join(", ")}) to (${given.map(showType).join(", ")})`,
  );

/** the leading dim that map runs over */
export function mappedDim(args: readonly Type[], mapped: readonly boolean[]): Dim {
  need(mapped.length === args.length && mapped.includes(true), () => "map needs a flag per argument, one of them true");
  let lead: Dim | undefined;
  mapped.forEach((m, i) => {
    if (!m) return;
    const d = tensorAt(args, i).shape[0] ?? refuse(`map over argument ${i}, a scalar`);
    need(lead === undefined || sameDim(lead, d), () => `map over extents ${showDim(lead!)} and ${showDim(d)}`);
    lead = d;
  });
  return lead!; // one flag is true
}
/** the type with a leading dim */
export function withLead(t: Type, lead: Dim): Type {
  return t.k === "tensor" ? tensor(t.elem, [lead, ...t.shape], t.below) : refuse(`map gives ${showType(t)}, no tensor`);
}
const map: Op = {
  ...pending,
  name: "map",
  doc: "a closed function of one record over all records of the leading dim: a tuple",
  control: "map",
  type: (args, attrs) => {
    const [f, mapped] = [fnAttr(attrs), flags(attrs, "mapped")];
    const lead = mappedDim(args, mapped);
    const given = args.map((a, i) => {
      if (!mapped[i]) return a;
      const t = tensorAt(args, i);
      return tensor(t.elem, t.shape.slice(1), t.below);
    });
    takesParams("map", f.params, given);
    return tuple(...f.results.map(r => withLead(r.type, lead)));
  },
};
const grad: Op = {
  ...pending,
  name: "grad",
  doc: "all results of a closed function, then the gradients of its first for the parameters wrt: a tuple",
  control: "grad",
  type: (args, attrs) => {
    const [f, wrt] = [fnAttr(attrs), ints(attrs, "wrt")];
    takesParams("grad", f.params, args);
    const loss = f.results[0]?.type;
    if (loss?.k !== "tensor" || loss.shape.length || !isFloat(loss.elem))
      return refuse(`grad of a function to ${loss ? showType(loss) : "nothing"}`);
    const gradients = wrt.map(i => {
      const t = tensorAt(f.params, i);
      need(isFloat(t.elem), () => `a gradient for ${showType(t)}`);
      return tensor(t.elem, t.shape);
    });
    return tuple(...f.results.map(r => r.type), ...gradients);
  },
};
const call: Op = {
  ...pending,
  name: "call",
  doc: "the results of a closed function: a tuple",
  control: "call",
  type: (args, attrs) => {
    const f = fnAttr(attrs);
    takesParams("call", f.params, args);
    return tuple(...f.results.map(r => r.type));
  },
};
const get: Op = {
  ...pending,
  name: "get",
  doc: "one member of a tuple",
  control: "get",
  type: (args, attrs) => {
    arity(args, 1);
    const [t, i] = [args[0]!, int(attrs, "i")];
    return (t.k === "tuple" ? t.of[i] : undefined) ?? refuse(`member ${i} of ${showType(t)}`);
  },
};
const stopGradient: Op = {
  ...pending,
  name: "stop_gradient",
  doc: "the same value; no gradient flows back",
  type: args => {
    arity(args, 1);
    return tensorAt(args, 0);
  },
};
const check: Op = {
  ...pending,
  name: "check",
  doc: "x clamped into [low, high); outside, the fault of `site` is raised with the record's number",
  type: (args, attrs) => {
    arity(args, 1);
    int(attrs, "site");
    const [x, low, high] = [tensorAt(args, 0), int(attrs, "low"), attrs["high"]];
    const top = high === undefined ? refuse("check has no high") : dimOf(high);
    need(x.elem === "i32" || x.elem === "u32" || x.elem === "i64", () => `check of ${showType(x)}`);
    return tensor(x.elem, x.shape, low === 0 ? top : undefined);
  },
};

export const controlOps: readonly Op[] = [map, grad, call, get, stopGradient, check];
