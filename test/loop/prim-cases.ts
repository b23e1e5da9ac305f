/** Every primitive with every choice of elements that it takes. Knows no target. */
import { PRIMS, type Prim, takes } from "../../src/ir/prim.ts";
import { type Elem, STORED_BYTES } from "../../src/ir/type.ts";

export interface Case {
  readonly prim: Prim | "fma";
  readonly args: readonly Elem[];
  readonly to: Elem;
}
function casesOf(p: Prim, all: readonly Elem[]): readonly Case[] {
  const elems = all.filter(e => takes(p, e));
  const { arity, result } = PRIMS[p];
  if (p === "select") return elems.map(e => ({ prim: p, args: ["bool", e, e], to: e }));
  if (p === "cast") return elems.flatMap(e => all.map(to => ({ prim: p, args: [e], to })));
  if (p === "bitcast") {
    const words = elems.filter(e => e !== "bool");
    return words.flatMap(e =>
      words.filter(t => STORED_BYTES[t] === STORED_BYTES[e]).map(to => ({ prim: p, args: [e], to })),
    );
  }
  return elems.map(e => ({ prim: p, args: Array<Elem>(arity).fill(e), to: result === "bool" ? "bool" : e }));
}
/** with `elems`, and fma */
export const primCases = (elems: readonly Elem[]): readonly Case[] => [
  ...(Object.keys(PRIMS) as Prim[]).flatMap(p => casesOf(p, elems)),
  ...elems.filter(e => e !== "bool").map(e => ({ prim: "fma" as const, args: [e, e, e], to: e })),
];
export const nameOf = (c: Case): string => `${c.prim} ${c.args.join(",")} -> ${c.to}`;
