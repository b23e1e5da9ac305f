/** The rate of a thread in a module of kernels that only compute. Knows no kernel but by name. */
import { instantiate } from "../wasm.ts";

/** kernels of one parameter, and what one call does */
export interface Only {
  readonly name: string;
  readonly flops: number;
}
/** kernels have this address for their parameter */
export const AT = 65536;

/** `wide`: with 256-bit instructions where the engine has them. GFLOP/s of one thread in each of them: the best of many short rounds, so it may be asked again and again */
export function peakMeters(module: Uint8Array, kernels: readonly Only[], wide = true): readonly (() => number)[] {
  const { kernel } = instantiate(module, 2 * AT, wide);
  return kernels.map(({ name, flops }) => {
    const f = kernel?.(name);
    if (!f) throw new Error(`internal: the module does not export ${name}`);
    const run = (): number => {
      const t = process.hrtime.bigint();
      f(1, 0, 1, AT, AT);
      return flops / Number(process.hrtime.bigint() - t);
    };
    return () => Math.max(...Array.from({ length: 100 }, run));
  });
}
