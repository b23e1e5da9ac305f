/** What a plan for a CPU and one for a GPU differ in. Knows no step and no code. */
import type { Kernel, Schedule, Tensor } from "../../ir/kernel.ts";
import { accessesOf } from "../../ir/kernel-walk.ts";
import type { LoopKernel } from "../../ir/loop.ts";
import { withoutHalves } from "../half.ts";
import { type Draft, lay, schedule } from "../schedule.ts";
import { STRIPS, WHOLE } from "../strips/index.ts";
import { tile } from "../tile.ts";
import { tileForGpu } from "../tile-gpu.ts";
import { setAside } from "./aside.ts";
import { EXACT, type ExactChoice } from "./exact.ts";

export interface Target {
  readonly tile: (k: Kernel) => Schedule;
  /** `strips`: kernels that share rows may become one */
  readonly phases: (
    kernels: readonly Kernel[],
    placed: ReadonlySet<string>,
    later: ReadonlySet<string>,
    strips: boolean,
  ) => Draft;
  /** a tensor that kernels write, where it will lie */
  readonly lay: (t: Tensor, region: string) => Tensor;
  /** a kernel without what the target has not */
  readonly legal: (k: LoopKernel) => LoopKernel;
  /** kernels of a loop whose trips do not change `fixed`, and what of it they want beside it in another order */
  readonly aside: typeof setAside;
  /** when batches of a known number of records get steps of their own; absent: never */
  readonly exact?: ExactChoice;
  /** slots begin at multiples of so many bytes */
  readonly align: number;
}
export const CPU: Target = {
  tile,
  phases: (kernels, placed, later, strips) => schedule(kernels, placed, later, strips ? STRIPS : WHOLE),
  lay,
  legal: withoutHalves,
  aside: setAside,
  exact: EXACT,
  align: 64,
};
/** each kernel is dispatched alone, so nothing stays in an item; tensors lie plain, neighbours of the grid beside each other */
export const GPU: Target = {
  tile: tileForGpu,
  phases: (kernels, placed) => {
    const written = kernels.flatMap(k => accessesOf(k).writes.map(a => a.of.name));
    return {
      phases: kernels.map(k => ({ items: "one", kernels: [k] })),
      regions: new Map(written.filter(n => !placed.has(n)).map(n => [n, "step"])),
    };
  },
  lay: t => t,
  legal: withoutHalves,
  aside: kernels => ({ kernels, asides: [] }),
  align: 256,
};
