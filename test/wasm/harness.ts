/** Runs one LOOP kernel as WebAssembly on given buffers. */
import { assemble, type Build, GUARD } from "../../src/codegen/wasm/module.ts";
import { type LoopKernel, scratchBytes } from "../../src/ir/loop.ts";

export type Data =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | Uint8Array
  | Int8Array
  | Uint16Array;
export const BUILDS: readonly Build[] = ["relaxed", "simd"];
const NO_REGIONS = { state: { base: GUARD }, step: { base: GUARD }, staging: { base: GUARD } };

export interface Running {
  /** runs items [from, to) of the first grid axis on a copy of the buffers and gives their bytes back */
  readonly run: (buffers: ReadonlyMap<string, Data>, n: number, from: number, to: number) => Map<string, Data>;
}
/** bytes beside each buffer that must stay as they were */
const FENCE = 64;

export function compiled(k: LoopKernel, build: Build, shared = false): Running {
  const maximum = 1024;
  const memory = new WebAssembly.Memory({ initial: 64, maximum, shared });
  const bytes = assemble({ kernels: [k], phases: [], regions: NO_REGIONS, build, shared, maximum, exportKernels: true });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), { env: { memory } });
  const f = instance.exports[k.name] as (...args: number[]) => void;
  return {
    run: (buffers, n, from, to) => {
      const heap = new Uint8Array(memory.buffer);
      heap.fill(0xa5);
      let top = GUARD;
      const at = k.params.map(p => {
        const d = buffers.get(p.name)!;
        const here = top + FENCE;
        heap.set(new Uint8Array(d.buffer, d.byteOffset, d.byteLength), here);
        top = Math.ceil((here + d.byteLength + FENCE) / 64) * 64;
        return here;
      });
      const scratch = top;
      f(n, from, to, scratch, ...at);
      k.params.forEach((p, i) => {
        const end = at[i]! + buffers.get(p.name)!.byteLength;
        const beside = [...heap.subarray(at[i]! - FENCE, at[i]), ...heap.subarray(end, end + FENCE)];
        if (beside.some(x => x !== 0xa5)) throw new Error(`${k.name} wrote beside ${p.name}`);
      });
      const after = heap.subarray(scratch + scratchBytes(k), scratch + scratchBytes(k) + FENCE);
      if (after.some(x => x !== 0xa5)) throw new Error(`${k.name} wrote beside its scratch`);
      return new Map(
        k.params.map((p, i) => {
          const d = buffers.get(p.name)!;
          const copy = d.slice();
          new Uint8Array(copy.buffer, copy.byteOffset, copy.byteLength).set(heap.slice(at[i]!, at[i]! + d.byteLength));
          return [p.name, copy];
        }),
      );
    },
  };
}
