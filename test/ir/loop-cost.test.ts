/** What a kernel costs is the sum over all trips of its loops, found without going through those that cost the same. */
import { expect, it } from "vitest";
import { affine, at, fresh, type LoopKernel, num, prim, type Stmt, ty, type Var } from "../../src/ir/loop.ts";
import { sumOver } from "../../src/ir/loop-cost.ts";

const [i32, bool] = [ty("i32"), ty("bool")];
const loop = (iv: Var, to: number, ...body: readonly Stmt[]): Stmt => {
  return { k: "for", iv, from: [affine(0)], to: [affine(to)], step: 1, as: "loop", body };
};
const kernel = (...body: readonly Stmt[]): LoopKernel => ({ name: "k", params: [], grid: [], group: [], body });

it("goes through a loop only where its variable decides what is done", () => {
  const [i, j, k, own] = [fresh("i"), fresh("j"), fresh("k"), fresh("own")];
  const inner: Stmt = { k: "let", to: own, value: prim("add", i32, i, j) };
  const asked = (b: LoopKernel) => {
    let times = 0;
    const cost = sumOver(b, 0, 0, s => {
      times++;
      return Number(s === inner);
    });
    return { cost, times };
  };
  // the let names a place, as a sort's does, and no bound
  expect(asked(kernel(loop(i, 1000, loop(j, 1000, inner))))).toEqual({ cost: 1e6, times: 3 });
  // a let of a let decides a condition: below the diagonal
  const [last, below] = [fresh("last"), fresh("below", bool)];
  const bound: Stmt = { k: "let", to: last, value: prim("sub", i32, i, num(1)) };
  const cond: Stmt = { k: "let", to: below, value: prim("le", bool, k, last) };
  const under: Stmt = { k: "if", cond: below, uniform: false, then: [inner], else: [] };
  expect(asked(kernel(loop(i, 20, bound, loop(k, 20, cond, under)))).cost).toBe(190);
  const triangle: Stmt = { k: "for", iv: j, from: [at(i)], to: [affine(20)], step: 1, as: "loop", body: [inner] };
  expect(asked(kernel(loop(i, 20, triangle))).cost).toBe(210);
});
