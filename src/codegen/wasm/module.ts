/**
 * One WebAssembly module per stage and build: a function per kernel, and a function per phase that calls them.
 *
 * How the player calls it. The module imports its memory as `env.memory` and exports
 *  - each phase under its name: `(from, to, n, worker)`. For each item in [from, to) it calls the phase's kernels in order.
 *    n: records of the batch; worker: first byte of the calling worker's copy of region worker (the others are constants);
 *  - each kernel under its name, where asked for: `(n, from, to, scratch, pointer of each param..)`.
 * Every buffer lies at byte GUARD (one page) or above; nothing is aligned beyond its element. The page below holds constants: an
 * instance writes them when it starts. Words of the pointer table, at the
 * start of region state, are read on entry to the phase: the player fills them before.
 * Knows nothing of what the kernels compute.
 */
import binaryen from "binaryen";
import type { LoopKernel } from "../../ir/loop.ts";
import type { Arg, Call, Region } from "../../ir/plan.ts";
import { GUARD } from "./address.ts";
import { Constants } from "./constants.ts";
import { gen } from "./expr.ts";
import { type Build, I32, type Ref, type Target } from "./func.ts";
import { addKernel } from "./kernel.ts";

export { GUARD } from "./address.ts";
export type { Build } from "./func.ts";

/** one exported function: calls in order, on each item */
export interface Phase {
  readonly name: string;
  readonly calls: readonly Omit<Call, "writes">[];
}
export interface Assembly {
  readonly kernels: readonly LoopKernel[];
  readonly phases: readonly Phase[];
  /** first byte of each region; that of region worker is the caller's */
  readonly regions: Readonly<Record<Exclude<Region, "worker">, { readonly base: number }>>;
  readonly build: Build;
  /** the memory is shared between threads; absent: it is not */
  readonly shared?: boolean;
  /** most pages that the imported memory may declare; absent: any, or all 65536 if shared */
  readonly maximum?: number;
  /** export every kernel too */
  readonly exportKernels?: boolean;
}

const features = (a: Assembly): number =>
  [
    binaryen.Features.SIMD128,
    binaryen.Features.NontrappingFPToInt,
    binaryen.Features.SignExt,
    binaryen.Features.BulkMemory,
    binaryen.Features.MutableGlobals,
    ...(a.build === "relaxed" ? [binaryen.Features.RelaxedSIMD] : []),
    ...(a.shared ? [binaryen.Features.Atomics] : []),
  ].reduce((x, y) => x | y, 0);

function build<T>(a: Assembly, finish: (m: binaryen.Module) => T): T {
  const m = new binaryen.Module();
  m.setFeatures(features(a));
  const shared = a.shared ?? false;
  // in this order, else the memory is not imported
  m.setMemory(1, a.maximum ?? (shared ? 65536 : -1), null, [], shared, false, "memory");
  m.addMemoryImport("memory", "env", "memory", shared);
  const target: Target = { m, build: a.build, shared, gen, helpers: new Set(), constants: new Constants() };
  for (const k of a.kernels) {
    addKernel(target, k);
    if (a.exportKernels) m.addFunctionExport(k.name, k.name);
  }
  for (const p of a.phases) addPhase(m, a, p);
  target.constants.fill(m);
  const result = finish(m);
  m.dispose();
  return result;
}
/** the module's bytes */
export const assemble = (a: Assembly): Uint8Array => build(a, m => m.emitBinary());
/** the module as text, for people */
export const assembleText = (a: Assembly): string => build(a, m => m.emitText());
/** is the module valid WebAssembly, as binaryen sees it */
export const validates = (a: Assembly): boolean => build(a, m => m.validate() !== 0);

function addPhase(m: binaryen.Module, a: Assembly, p: Phase): void {
  const [FROM, TO, N, WORKER] = [0, 1, 2, 3];
  const get = (l: number): Ref => m.local.get(l, I32);
  const c = (v: number): Ref => m.i32.const(v | 0);
  const worker = (offset: number): Ref => (offset === 0 ? get(WORKER) : m.i32.add(get(WORKER), c(offset)));
  // entries of the pointer table do not change while a phase runs: one local each
  const pointers = new Map<number, number>();
  const place = (x: Arg): Ref => {
    if ("pointer" in x) {
      const local = pointers.get(x.pointer) ?? 4 + pointers.size;
      pointers.set(x.pointer, local);
      return get(local);
    }
    if (x.region === "worker") return worker(x.offset);
    const { base } = a.regions[x.region];
    if (base < GUARD) throw new Error(`internal: region ${x.region} begins at byte ${base}, below ${GUARD}`);
    return c(base + x.offset);
  };
  const calls = p.calls.map(call => {
    const item = [get(N), get(FROM), m.i32.add(get(FROM), c(1)), worker(call.scratch)];
    return m.call(call.kernel, [...item, ...call.args.map(place)], binaryen.none);
  });
  const load = [...pointers].map(([k, l]) => m.local.set(l, m.i32.load(0, 4, c(a.regions.state.base + 4 * k))));
  const next = m.local.tee(FROM, m.i32.add(get(FROM), c(1)), I32);
  const loop = m.loop("items", m.block(null, [...calls, m.br("items", m.i32.lt_s(next, get(TO)))]));
  const body = m.block(null, [...load, m.if(m.i32.lt_s(get(FROM), get(TO)), loop)]);
  // kernels and phases may be called alike
  const name = `phase ${p.name}`;
  m.addFunction(
    name,
    binaryen.createType([I32, I32, I32, I32]),
    binaryen.none,
    Array<number>(pointers.size).fill(I32),
    body,
  );
  m.addFunctionExport(name, p.name);
}
