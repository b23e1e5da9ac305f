/** What the records' `sample` share: choosing among given nodes, small extents. Knows no op. */
import type { Node } from "../node.ts";
import type { Rng } from "../op.ts";
import { isFloat, type TensorType } from "../type.ts";

/** odd, prime and unit extents find what powers of two hide */
export const EXTENTS: readonly number[] = [1, 2, 3, 4, 5, 7];
const LARGEST = 4096;

export const tensorsIn = (given: readonly Node[], fits: (t: TensorType) => boolean = () => true): readonly Node[] =>
  given.filter(x => x.type.k === "tensor" && fits(x.type));
export function pickTensor(
  rng: Rng,
  given: readonly Node[],
  fits: (t: TensorType) => boolean = () => true,
): Node | undefined {
  const all = tensorsIn(given, fits);
  return all.length ? rng.pick(all) : undefined;
}
/** elements per record */
export const points = (t: TensorType): number =>
  t.shape.reduce<number>((n, d) => n * (typeof d === "number" ? d : 1), 1);
/** few enough dims and elements that results stay small */
export const small = (t: TensorType): boolean => t.shape.length <= 4 && points(t) <= LARGEST / 8;
/** a dim that is a number, of a tensor that has one */
export function pickAxis(rng: Rng, t: TensorType, fits: (extent: number) => boolean = () => true): number | undefined {
  const axes = t.shape.flatMap((d, i) => (typeof d === "number" && fits(d) ? [i] : []));
  return axes.length ? rng.pick(axes) : undefined;
}
export const hasAxis =
  (fits: (extent: number) => boolean = () => true) =>
  (t: TensorType): boolean =>
    t.shape.some(d => typeof d === "number" && fits(d));
export const floating = (t: TensorType): boolean => isFloat(t.elem);
export const shuffled = <T>(rng: Rng, xs: readonly T[]): readonly T[] => {
  const out = [...xs];
  for (let i = out.length - 1; i > 0; i--) {
    const j = rng.int(i + 1);
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
};
/** some of the axes of t, at least one, ascending */
export function someAxes(rng: Rng, rank: number): readonly number[] {
  const axes = Array.from({ length: rank }, (_, i) => i).filter(() => rng.int(2) === 0);
  return axes.length ? axes : [rng.int(rank)];
}
