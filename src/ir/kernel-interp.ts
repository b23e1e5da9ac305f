/**
 * The meaning of a KERNEL: its boxes walked in order over logical coordinates, in f64. Beside each value stands the sum of the
 * magnitudes behind it, for Higham's bound. Knows no layout and no schedule.
 */
import type { Access, AxisExtent, Index, Item, Kernel, Phase, Reduce, Tensor, Val } from "./kernel.ts";
import { elemsByName } from "./kernel-elem.ts";
import { points } from "./layout.ts";
import { evaluate, type Value } from "./prim.ts";
import { atN, type Elem, loaded } from "./type.ts";

/** size: at least the sum of |terms| that rounding errors are relative to */
export interface Cell {
  readonly value: Value;
  readonly size: number;
}
export interface Meaning {
  /** what was stored, by tensor, by coordinates joined by commas */
  readonly stored: ReadonlyMap<string, ReadonlyMap<string, Cell>>;
  /** the least record that failed, by site */
  readonly faults: ReadonlyMap<number, number>;
}
type Point = ReadonlyMap<string, number>;
interface Typed extends Cell {
  readonly elem: Elem;
}
const key = (c: readonly number[]): string => c.join();
const count = (e: AxisExtent, n: number): number =>
  typeof e === "object" && "of" in e ? Math.ceil(atN(e.of, n) / e.by) : atN(e, n);
const typed = (value: Value, elem: Elem, size = Math.abs(Number(value))): Typed => ({
  value: elem === "i64" ? BigInt(value) : elem === "f32" ? Math.fround(Number(value)) : value,
  elem,
  size,
});

/** `input`: the element of a tensor that no phase has stored */
export function meaning(k: Kernel, n: number, input: (t: Tensor, at: readonly number[]) => Value): Meaning {
  const stored = new Map<string, Map<string, Cell>>();
  const faults = new Map<number, number>();
  const names = new Map<string, Typed>();
  // where records are swept, what is checked belongs to none of them
  const record = k.phases[0]?.axes.find(
    a => a.role === "parallel" && typeof a.extent === "object" && !("of" in a.extent),
  )?.name;

  const coordinate = (i: Index, e: Point): number =>
    i.terms.reduce((x, t) => x + t.by * e.get(t.axis)!, i.base) + (i.gather ? Number(val(i.gather, e).value) : 0);
  const where = (a: Access, e: Point): readonly number[] => a.index.map(i => coordinate(i, e));
  const inside = (a: Access, c: readonly number[]): boolean => c.every((x, d) => x >= 0 && x < atN(a.of.shape[d]!, n));
  function read(a: Access, e: Point): Typed {
    const c = where(a, e);
    const elem = loaded(a.of.store);
    if (!inside(a, c)) return typed(a.fill ?? 0, elem);
    const own = stored.get(a.of.name)?.get(key(c));
    if (own) return { ...own, elem };
    const value = input(a.of, c);
    return { value, elem, size: Math.abs(Number(value)) };
  }
  function val(v: Val, e: Point): Typed {
    switch (v.k) {
      case "read":
        return read(v.from, e);
      case "name":
        return names.get(v.name)!;
      case "const":
        return typed(v.value, v.elem);
      case "axis":
        return typed(e.get(v.axis)!, "i32");
      case "n":
        return typed(n, "i32");
      case "prim":
        return apply(
          v,
          v.args.map(a => val(a, e)),
        );
      default:
        return v satisfies never;
    }
  }
  const skips = (v: Val, e: Point): boolean =>
    v.k === "read"
      ? v.from.skip === true &&
        where(v.from, e).some((x, d) => {
          const size = v.from.of.shape[d];
          return typeof size === "number" && (x < 0 || x >= size);
        })
      : v.k === "prim" && v.args.some(a => skips(a, e));
  function item(t: Item, e: Point): void {
    if ("fault" in t) {
      const at = record === undefined ? 0 : e.get(record)!;
      if (!val(t.ok, e).value) faults.set(t.fault, Math.min(at, faults.get(t.fault) ?? Infinity));
    } else if ("name" in t) names.set(t.name, val(t.value, e));
    else {
      const c = where(t.to, e);
      const v = val(t.value, e);
      const of = stored.get(t.to.of.name) ?? new Map<string, Cell>();
      stored.set(t.to.of.name, of);
      if (inside(t.to, c)) of.set(key(c), v);
    }
  }
  function phase(p: Phase, outer: Point): void {
    const box = (role: "parallel" | "reduce", from: Point): readonly Point[] => {
      const axes = p.axes.filter(a => a.role === role && !outer.has(a.name));
      return [...points(axes.map(a => count(a.extent, n)))].map(
        c => new Map([...from, ...axes.map((a, i) => [a.name, c[i]!] as const)]),
      );
    };
    for (const e of box("parallel", outer)) {
      const sums = new Map<string, Typed | undefined>(p.reduce.map(r => [r.name, r.init && val(r.init, e)]));
      if (p.reduce.length || p.each?.length)
        for (const q of box("reduce", e)) {
          if (p.reduce.some(r => skips(r.value, q))) continue;
          for (const t of p.each ?? []) item(t, q);
          const values = new Map(p.reduce.map(r => [r.name, val(r.value, q)]));
          const old = new Map(sums);
          for (const r of p.reduce) sums.set(r.name, accumulate(r, old, values));
        }
      for (const r of p.reduce) names.set(r.name, sums.get(r.name) ?? nothing(r));
      for (const t of p.then) item(t, e);
    }
  }
  const elems = elemsByName(k);
  const nothing = (r: Reduce): Typed => typed(least(r.op, elems(r.name)), elems(r.name), 0);
  const shared = k.phases
    .map(p => p.axes.filter(a => a.role === "parallel"))
    .reduce((x, y) => x.filter(a => y.some(b => b.name === a.name)));
  for (const c of points(shared.map(a => count(a.extent, n))))
    for (const p of k.phases) phase(p, new Map(shared.map((a, i) => [a.name, c[i]!])));
  return { stored, faults };
}
/** of an empty reduction */
function least(op: Reduce["op"], elem: Elem): Value {
  if (op === "add" || op === "first") return 0;
  if (op === "mul") return 1;
  const most = op === "min";
  if (elem === "bool") return most ? 1 : 0;
  if (elem === "i32") return most ? 2147483647 : -2147483648;
  if (elem === "u32") return most ? 4294967295 : 0;
  if (elem === "i64") return most ? 2n ** 63n - 1n : -(2n ** 63n);
  return most ? Infinity : -Infinity;
}
const isNan = (v: Value): boolean => Number.isNaN(v);
function accumulate(r: Reduce, old: ReadonlyMap<string, Typed | undefined>, values: ReadonlyMap<string, Typed>): Typed {
  const v = values.get(r.name)!;
  const was = old.get(r.name);
  if (r.op === "first") {
    const [top, x] = [old.get(r.of!), values.get(r.of!)!];
    const wins = !was || !top || (!isNan(top.value) && (isNan(x.value) || x.value > top.value));
    return wins ? v : was;
  }
  if (!was) return v;
  const op = v.elem !== "bool" ? r.op : ({ add: "or", mul: "and", max: "or", min: "and" } as const)[r.op];
  const value = evaluate(op, [was.value, v.value], v.elem, v.elem);
  const size = r.op === "add" ? was.size + v.size : r.op === "mul" ? was.size * v.size : Math.max(was.size, v.size);
  return { value, elem: v.elem, size };
}
function apply(v: Extract<Val, { k: "prim" }>, args: readonly Typed[]): Typed {
  const of = args.at(-1)!.elem;
  const compares = v.prim === "eq" || v.prim === "lt" || v.prim === "le";
  const elem = v.elem ?? (compares ? "bool" : of);
  const value = evaluate(
    v.prim,
    args.map(a => a.value),
    of,
    elem,
  );
  return { value, elem, size: sizeOf(v, args, value) };
}
/** how magnitudes pass through a primitive: products multiply, sums add, all else by a slope of at most the result's size */
function sizeOf(v: Extract<Val, { k: "prim" }>, [a, b, c]: readonly Typed[], value: Value): number {
  const own = Math.abs(Number(value));
  switch (v.prim) {
    case "add":
    case "sub":
      return a!.size + b!.size;
    case "mul":
      return a!.size * b!.size;
    case "div":
      return Math.max(own, a!.size / Math.abs(Number(b!.value)));
    case "select":
      return a!.value ? b!.size : c!.size;
    case "exp2":
      return own * (1 + a!.size);
    default:
      return Math.max(own, a!.size, b?.size ?? 0);
  }
}
