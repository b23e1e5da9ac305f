/**
 * A kernel that writes a tensor in place and changes but one place of an axis walks that place only.
 *
 *   for i, p: s[i, p] = select(i == k, v, s[i, p])     -->   for p: s[c, p] = select(c == k, v, s[c, p]),  c = k clamped into the axis
 *   for i, p: s[i, p] = s[i, p] + select(i == k, v, 0)   -->   for p: s[c, p] = s[c, p] + select(c == k, v, 0)
 *
 * Knows kernels, no node.
 */
import type { Access, Kernel, Phase, Val } from "../../ir/kernel.ts";
import { accessesOf, retarget, rewriteKernel, sameElement, sameVal } from "../../ir/kernel-walk.ts";
import { int, prim } from "../../ir/ops/kernel-build.ts";
import { sameShape } from "../../ir/type.ts";

export function narrow(k: Kernel, sure: ReadonlySet<string> = new Set()): Kernel {
  const [phase, ...more] = k.phases;
  if (!phase || more.length || phase.reduce.length || phase.each?.length) return k;
  for (const axis of phase.axes) {
    if (typeof axis.extent !== "number" || axis.role !== "parallel" || axis.extent < 2) continue;
    const place = chosen(phase, axis.name);
    if (place) return certain(at(k, phase, axis.name, axis.extent, place), sure);
  }
  return k;
}
/** would walk one place only where what it stores lay where it reads what it leaves as it is */
export function isNarrow(k: Kernel): boolean {
  const { reads, writes } = accessesOf(k);
  const to = new Map<string, string>();
  for (const w of writes) {
    const from = reads.find(r => r.of.name !== w.of.name && sameShape(r.of.shape, w.of.shape) && !to.has(r.of.name));
    if (from) to.set(from.of.name, w.of.name);
  }
  const inPlace = retarget(k, t => ({ ...t, name: to.get(t.name) ?? t.name }));
  return to.size > 0 && narrow(inPlace) !== inPlace;
}
/** the place that all stores of the phase choose along the axis */
function chosen(phase: Phase, axis: string): Val | undefined {
  const values = new Map(phase.then.flatMap(t => ("name" in t ? [[t.name, t.value] as const] : [])));
  const known = (v: Val | undefined): Val | undefined => (v?.k === "name" ? known(values.get(v.name)) : v);
  let place: Val | undefined;
  for (const t of phase.then) {
    if ("fault" in t) return undefined;
    if ("name" in t) continue;
    const own = placeOf(known(t.value), t.to, axis, known);
    if (!own || (place && !sameVal(own, place))) return undefined;
    place = own;
  }
  return place;
}
/** s[c, p] = select(c == k, v, s[c, p])   -->   s[c, p] = v   of tensors in which every place chosen is there */
function certain(k: Kernel, sure: ReadonlySet<string>): Kernel {
  const [phase] = k.phases as readonly [Phase];
  const stores = phase.then.flatMap(t => ("to" in t && sure.has(t.to.of.name) ? [t] : []));
  const named = new Map(stores.flatMap(t => (t.value.k === "name" ? [[t.value.name, t.to.of.name] as const] : [])));
  // what is taken may be read from another of them
  const taken = (v: Val, into: string | undefined): Val => {
    if (into === undefined || v.k !== "prim" || v.prim !== "select") return v;
    const lies = (x: Val): boolean => x.k === "read" && x.from.of.name === into;
    const [, yes, no] = v.args as readonly [Val, Val, Val];
    return lies(no) ? yes : lies(yes) ? no : v;
  };
  const then = phase.then.map(t => {
    if ("fault" in t) return t;
    const into = "name" in t ? named.get(t.name) : stores.includes(t) ? t.to.of.name : undefined;
    return { ...t, value: taken(t.value, into) };
  });
  return { ...k, phases: [{ ...phase, then }] };
}
/** k of select(axis == k, .., what lies there), of select(not(axis == k), what lies there, ..), or of what lies there + select(axis == k, .., 0) */
function placeOf(
  v: Val | undefined,
  to: Access,
  axis: string,
  known: (v: Val | undefined) => Val | undefined,
): Val | undefined {
  const lies = (x: Val | undefined): boolean =>
    x?.k === "read" && x.from.of.name === to.of.name && sameElement(x.from, to);
  const isZero = (x: Val | undefined): boolean => x?.k === "const" && x.value === 0;
  if (v?.k !== "prim" || !(v.prim === "select" || v.prim === "add")) return undefined;
  const [a, b] = v.args.map(known);
  const added = v.prim === "add" ? (lies(a) ? b : lies(b) ? a : undefined) : undefined;
  const chosen = v.prim === "add" ? added : v;
  if (chosen?.k !== "prim" || chosen.prim !== "select") return undefined;
  const [test, yes, no] = chosen.args.map(known);
  const negated = test?.k === "prim" && test.prim === "not";
  const equals = negated ? known(test.args[0]) : test;
  const old = negated ? yes : no;
  if (!(added ? isZero(old) : lies(old))) return undefined;
  if (!to.index.some(i => i.base === 0 && !i.gather && i.terms.length === 1 && isTerm(i.terms[0]!, axis)))
    return undefined;
  if (equals?.k !== "prim" || equals.prim !== "eq") return undefined;
  const [x, y] = equals.args.map(known);
  const other = x && isAxis(x, axis) ? y : y && isAxis(y, axis) ? x : undefined;
  return other && isFixed(other) ? other : undefined;
}
const isTerm = (t: { readonly axis: string; readonly by: number }, axis: string): boolean =>
  t.axis === axis && t.by === 1;
const isAxis = (v: Val, axis: string): boolean => v.k === "axis" && v.axis === axis;
/** the same at all points */
const isFixed = (v: Val): boolean => {
  switch (v.k) {
    case "const":
    case "n":
      return true;
    case "read":
      return v.from.index.every(i => !i.terms.length && !i.gather);
    case "prim":
      return v.args.every(isFixed);
    case "axis":
    case "name":
      return false;
    default:
      return v satisfies never;
  }
};
/** the kernel at one place of the axis; where that is outside, the test of the axis fails and what lies there stays */
function at(k: Kernel, phase: Phase, axis: string, extent: number, place: Val): Kernel {
  const clamped = prim("max", int(0), prim("min", place, int(extent - 1)));
  const access = (a: Access): Access => ({
    ...a,
    index: a.index.map(i => {
      const t = i.terms.find(u => u.axis === axis);
      if (!t) return i;
      const moved = t.by === 1 ? clamped : prim("mul", clamped, int(t.by));
      return { ...i, terms: i.terms.filter(u => u !== t), gather: i.gather ? prim("add", i.gather, moved) : moved };
    }),
  });
  const fixed = rewriteKernel(
    k,
    v => {
      if (v.k === "read") return { ...v, from: access(v.from) };
      return isAxis(v, axis) ? clamped : v;
    },
    access,
  );
  return { ...fixed, phases: [{ ...fixed.phases[0]!, axes: phase.axes.filter(a => a.name !== axis) }] };
}
