/** The rate of a thread that does nothing but multiply and add: what kernels are held against. Joins the assembler and the runtime; knows no program. */
import { assembler } from "./assembler.ts";
import { PEAK } from "./ir/loop-peak.ts";
import { AT, peakMeters } from "./runtime/measure/peak.ts";
import { build } from "./runtime/wasm.ts";

/** GFLOP/s of one thread in multiply-adds, as often as it is asked */
export function peak(): () => number {
  const all = peaks();
  return () => Math.max(...all.map(f => f()));
}
/** in each of the kernels that only compute, with 256-bit instructions or without */
export function peaks(wide = true): readonly (() => number)[] {
  const region = { base: AT };
  // an engine may hand out the code of equal bytes whatever was asked of it
  const kernels = wide ? PEAK : [...PEAK].reverse();
  const module = assembler().open({ build: build(), exportKernels: true });
  for (const { kernel } of kernels) module.kernel(kernel);
  const bytes = module.finish({ phases: [], regions: { state: region, step: region, staging: region } });
  const names = kernels.map(p => ({ name: p.kernel.name, flops: p.flops }));
  return peakMeters(bytes, names, wide);
}
