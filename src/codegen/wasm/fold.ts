/** Folds over lanes. */
import type { Expr } from "../../ir/loop.ts";
import { type Func, isWide, live, type Ref, V128, width } from "./func.ts";
import { assembleLanes, extract, lane, shuffle } from "./lanes.ts";
import { vertical } from "./prim.ts";

type Fold = Extract<Expr, { k: "fold" }>;
export function fold(f: Func, e: Fold, j: number): Ref {
  if (e.over !== "lanes") throw new Error(`internal: ${f.name}: a fold over a subgroup on WebAssembly`);
  const per = e.arg.ty.lanes / e.ty.lanes;
  const { elem } = e.ty;
  if (!isWide(elem) && per % 4 === 0 && e.ty.lanes % 4 === 0) return foldFour(f, e, j, per / 4);
  const combine = (a: Ref, b: Ref): Ref => vertical(f, e.op, { elem, lanes: 1 }, a, b);
  const run = (u: number): Ref => {
    const w = width(elem);
    if (per % w !== 0 || per === 1) return chain(per, l => lane(f, e.arg, u * per + l), combine);
    // whole natives first, then their lanes
    const sum = chain(
      per / w,
      i => f.gen(e.arg, u * (per / w) + i),
      (a, b) => vertical(f, e.op, e.arg.ty, a, b),
    );
    const held = f.keep(sum, V128);
    return chain(w, l => extract(f, held(), elem, l), combine);
  };
  if (e.ty.lanes === 1) return run(0);
  const w = width(elem);
  return assembleLanes(f, elem, live(e.ty), l => run(j * w + l));
}
const chain = (n: number, at: (i: number) => Ref, combine: (a: Ref, b: Ref) => Ref): Ref => {
  let v = at(0);
  for (let i = 1; i < n; i++) v = combine(v, at(i));
  return v;
};
/** four runs at a time: their natives first, then 6 shuffles */
function foldFour(f: Func, e: Fold, j: number, per: number): Ref {
  const op = (a: Ref, b: Ref): Ref => vertical(f, e.op, e.arg.ty, a, b);
  const held = [0, 1, 2, 3].map(u =>
    f.keep(
      chain(per, i => f.gen(e.arg, (4 * j + u) * per + i), op),
      V128,
    ),
  );
  const halves = (a: () => Ref, b: () => Ref): (() => Ref) =>
    f.keep(op(shuffle(f, [0, 4, 1, 5], 4, a(), b()), shuffle(f, [2, 6, 3, 7], 4, a(), b())), V128);
  const [x, y] = [halves(held[0]!, held[1]!), halves(held[2]!, held[3]!)];
  return op(shuffle(f, [0, 1, 4, 5], 4, x(), y()), shuffle(f, [2, 3, 6, 7], 4, x(), y()));
}
