/** The rate of a thread in a module of kernels that only compute. Knows no kernel but by name. */
import { instantiate } from "../wasm.ts";

/** kernels of one parameter, and what one call does */
export interface Only {
  readonly name: string;
  readonly flops: number;
}
/** kernels have this address for their parameter */
export const AT = 65536;

/** GFLOP/s of one thread: the best of many short rounds, so it may be asked again and again */
export function peakMeter(module: Uint8Array, kernels: readonly Only[]): () => number {
  const { kernel } = instantiate(module, 2 * AT);
  const runs = kernels.map(({ name, flops }) => {
    const f = kernel?.(name);
    if (!f) throw new Error(`internal: the module does not export ${name}`);
    return () => {
      const t = process.hrtime.bigint();
      f(1, 0, 1, AT, AT);
      return flops / Number(process.hrtime.bigint() - t);
    };
  });
  return () => Math.max(...Array.from({ length: 100 }, () => runs.map(run => run())).flat());
}
