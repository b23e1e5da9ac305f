/** The elements of a KERNEL's values. Knows nothing of how they are computed. */
import type { Item, Kernel, Phase, Val } from "./kernel.ts";
import type { Prim } from "./prim.ts";
import { type Elem, loaded } from "./type.ts";

const COMPARE: ReadonlySet<Prim> = new Set(["eq", "lt", "le"]);
export const resultOf = (p: Prim, given: Elem | undefined, args: readonly Elem[]): Elem =>
  given ?? (COMPARE.has(p) ? "bool" : args[p === "select" ? 1 : 0]!);

export function elemOf(v: Val, name: (n: string) => Elem): Elem {
  switch (v.k) {
    case "read":
      return loaded(v.from.of.store);
    case "name":
      return name(v.name);
    case "const":
      return v.elem;
    case "axis":
    case "n":
      return "i32";
    case "prim":
      return resultOf(
        v.prim,
        v.elem,
        v.args.map(a => elemOf(a, name)),
      );
    default:
      return v satisfies never;
  }
}
/** elements of the values of a phase by its names; names of earlier phases by `outside` */
export function elemsOf(p: Phase, outside: (n: string) => Elem = () => "f32"): (v: Val) => Elem {
  const known = new Map<string, Elem>();
  const name = (n: string): Elem => known.get(n) ?? outside(n);
  const add = (t: Item): void => {
    if ("name" in t) known.set(t.name, elemOf(t.value, name));
  };
  p.each?.forEach(add);
  for (const r of p.reduce) known.set(r.name, elemOf(r.value, name));
  p.then.forEach(add);
  return v => elemOf(v, name);
}
/** the element of each name of a kernel */
export function elemsByName(k: Kernel): (name: string) => Elem {
  const known = new Map<string, Elem>();
  const name = (n: string): Elem => known.get(n) ?? "f32";
  for (const p of k.phases) {
    const of = elemsOf(p, name);
    for (const t of [...(p.each ?? []), ...p.reduce, ...p.then]) if ("name" in t) known.set(t.name, of(t.value));
  }
  return name;
}
