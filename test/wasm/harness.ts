/** Runs LOOP kernels as WebAssembly on given buffers, and sees what they write beside them. */
import { assemble, type Build, GUARD } from "../../src/codegen/wasm/module.ts";
import { type LoopKernel, scratchBytes } from "../../src/ir/loop.ts";
import type { Data } from "../../src/ir/loop-data.ts";

export type { Data } from "../../src/ir/loop-data.ts";
export const BUILDS: readonly Build[] = ["relaxed", "simd"];
export const NO_REGIONS = { state: { base: GUARD }, step: { base: GUARD }, staging: { base: GUARD } };
/** bytes beside each buffer that must stay as they were */
const FENCE = 64;
const POISON = 0xa5;

/** runs items [from, to) of a kernel's first grid axis on copies of the buffers, and gives the copies */
export type Run = (
  kernel: string,
  buffers: ReadonlyMap<string, Data>,
  n: number,
  from: number,
  to: number,
) => Map<string, Data>;

export function compiledAll(kernels: readonly LoopKernel[], build: Build, shared = false): Run {
  const maximum = 1024;
  const memory = new WebAssembly.Memory({ initial: 64, maximum, shared });
  const bytes = assemble({ kernels, phases: [], regions: NO_REGIONS, build, shared, maximum, exportKernels: true });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), { env: { memory } });
  return (name, buffers, n, from, to) => {
    const k = kernels.find(x => x.name === name)!;
    const f = instance.exports[name] as (...args: number[]) => void;
    const heap = new Uint8Array(memory.buffer);
    let top = GUARD;
    const at = k.params.map(p => {
      const d = buffers.get(p.name)!;
      const here = top + FENCE;
      heap.fill(POISON, top, here + d.byteLength + FENCE);
      heap.set(new Uint8Array(d.buffer, d.byteOffset, d.byteLength), here);
      top = Math.ceil((here + d.byteLength + FENCE) / 64) * 64;
      return here;
    });
    const end = top + scratchBytes(k);
    heap.fill(POISON, top, end + FENCE);
    f(n, from, to, top, ...at);
    const untouched = (a: number, b: number, what: string): void => {
      if (heap.subarray(a, b).some(x => x !== POISON)) throw new Error(`${name} wrote beside ${what}`);
    };
    untouched(end, end + FENCE, "its scratch");
    return new Map(
      k.params.map((p, i) => {
        const copy = buffers.get(p.name)!.slice();
        const here = at[i]!;
        untouched(here - FENCE, here, p.name);
        untouched(here + copy.byteLength, here + copy.byteLength + FENCE, p.name);
        new Uint8Array(copy.buffer).set(heap.subarray(here, here + copy.byteLength));
        return [p.name, copy];
      }),
    );
  };
}
