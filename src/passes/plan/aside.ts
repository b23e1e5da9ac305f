/**
 * Weights that a loop reads in each of its trips and nobody changes there lie once more beside it, in the order in which its products
 * walk them: where the terms of a sum lie a multiple of 1 KiB apart they meet in a few sets of the near cache, and are a page apart.
 * Knows kernels, no node.
 *
 *   trips: y[n, o] = sum_k x[n, k] * w[k, o]   -->   w'[o, k] = w[k, o];  trips: y[n, o] = sum_k x[n, k] * w'[o, k]
 */
import type { Access, Kernel, Phase, Tensor } from "../../ir/kernel.ts";
import { accessesOf, axisOf, retarget } from "../../ir/kernel-walk.ts";
import { plain } from "../../ir/layout.ts";
import { isStatic, numbers, STORED_BYTES, sizeOf } from "../../ir/type.ts";
import { product } from "../register-tile.ts";
import { isRecords } from "../split.ts";
import { itemAxis } from "../tile.ts";

/** a tensor, and the same in another order */
export interface Aside {
  readonly from: Tensor;
  readonly to: Tensor;
}
/** bytes between terms that meet */
const FAR = 1024;
/** bytes below which a tensor stays in the cache however it is walked */
const LARGE = 1 << 16;

/** the kernels with such weights beside the loop; `fixed`: names of what the trips do not change */
export function setAside(
  kernels: readonly Kernel[],
  fixed: ReadonlySet<string>,
): { readonly kernels: readonly Kernel[]; readonly asides: readonly Aside[] } {
  const asides = new Map<string, Aside>();
  const now = kernels.map(k => {
    const found = asideOf(k, fixed);
    if (!found) return k;
    asides.set(found.to.name, found);
    return retarget(k, t => (t.name === found.from.name ? found.to : t));
  });
  return { kernels: now, asides: [...asides.values()] };
}
function asideOf(k: Kernel, fixed: ReadonlySet<string>): Aside | undefined {
  const [phase, ...more] = k.phases;
  const item = itemAxis(k);
  const factors = phase && product(phase);
  if (!phase || more.length || !item || !isRecords(item) || !factors) return undefined;
  const weights = factors.find(a => fixed.has(a.of.name) && isStatic(a.of.shape));
  const order = weights && summedLast(weights, phase);
  if (!order || order.every((d, i) => d === i)) return undefined;
  const { of } = weights;
  const reads = accessesOf(k).reads.filter(a => a.of.name === of.name);
  const bytes = STORED_BYTES[of.store];
  const row = numbers(of.shape)
    .slice(order.at(-1)! + 1)
    .reduce((x, d) => x * d, bytes);
  if (reads.length > 1 || row % FAR !== 0 || bytes * sizeOf(numbers(of.shape)) < LARGE || !isPlain(of))
    return undefined;
  // other kernels may see it in other shapes
  const name = `${of.name}.${of.shape.join("x")}.aside${order.join("")}`;
  const to = { ...of, name, layout: plainIn(order) };
  return { from: of, to };
}
/** dims of the result first, those that are summed inside, each group in its order; undefined: a coordinate is more than one axis */
function summedLast(a: Access, p: Phase): readonly number[] | undefined {
  const roles = a.index.map(i => {
    const axis = axisOf(i);
    return axis === undefined ? undefined : p.axes.find(x => x.name === axis)?.role;
  });
  if (roles.includes(undefined)) return undefined;
  const dims = (role: string): readonly number[] => roles.flatMap((r, d) => (r === role ? [d] : []));
  return [...dims("parallel"), ...dims("reduce")];
}
const isPlain = (t: Tensor): boolean => {
  const parts = plain(t.shape).parts;
  return t.layout.parts.length === parts.length && parts.every((q, i) => q.dim === t.layout.parts[i]!.dim);
};
const plainIn = (order: readonly number[]): Tensor["layout"] => ({
  parts: order.map(dim => ({ dim, div: 1 })),
  halo: [],
});
