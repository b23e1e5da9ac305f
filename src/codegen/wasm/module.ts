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
export interface Assembly extends Form, Ending {
  readonly kernels: readonly LoopKernel[];
  /** names of those that are to stay in 128 bits */
  readonly narrow?: ReadonlySet<string>;
}
/** what a module's kernels are written for */
export interface Form {
  readonly build: Build;
  /** the memory is shared between threads; absent: it is not */
  readonly shared?: boolean;
  /** most pages that the imported memory may declare; absent: any, or all 65536 if shared */
  readonly maximum?: number;
  /** export every kernel too */
  readonly exportKernels?: boolean;
}
/** what is known when all kernels are */
export interface Ending {
  readonly phases: readonly Phase[];
  /** first byte of each region; that of region worker is the caller's */
  readonly regions: Readonly<Record<Exclude<Region, "worker">, { readonly base: number }>>;
}
/** a module in the making: its kernels one by one, in the order in which they will lie, then the rest. `narrow`: see addKernel */
export interface Making {
  readonly kernel: (k: LoopKernel, narrow?: boolean) => void;
  /** the module's bytes */
  readonly finish: (e: Ending) => Uint8Array;
}
/** whoever makes modules: this file, or a thread that has loaded it */
export interface Assembler {
  readonly open: (f: Form) => Making;
  readonly text: (a: Assembly) => string;
}

const features = (a: Form): number =>
  [
    binaryen.Features.SIMD128,
    binaryen.Features.NontrappingFPToInt,
    binaryen.Features.SignExt,
    binaryen.Features.BulkMemory,
    binaryen.Features.MutableGlobals,
    ...(a.build === "relaxed" ? [binaryen.Features.RelaxedSIMD] : []),
    ...(a.shared ? [binaryen.Features.Atomics] : []),
  ].reduce((x, y) => x | y, 0);

interface Open {
  readonly kernel: Making["kernel"];
  readonly finish: <T>(e: Ending, finish: (m: binaryen.Module) => T) => T;
}
function begin(f: Form): Open {
  const m = new binaryen.Module();
  m.setFeatures(features(f));
  const shared = f.shared ?? false;
  // in this order, else the memory is not imported
  m.setMemory(1, f.maximum ?? (shared ? 65536 : -1), null, [], shared, false, "memory");
  m.addMemoryImport("memory", "env", "memory", shared);
  const target: Target = { m, build: f.build, shared, gen, helpers: new Set(), constants: new Constants() };
  return {
    kernel: (k, narrow) => {
      addKernel(target, k, narrow);
      if (f.exportKernels) m.addFunctionExport(k.name, k.name);
    },
    finish: (e, finish) => {
      for (const p of e.phases) addPhase(m, e, p);
      target.constants.fill(m);
      const result = finish(m);
      m.dispose();
      return result;
    },
  };
}
function open(f: Form): Making {
  const { kernel, finish } = begin(f);
  return { kernel, finish: e => finish(e, m => m.emitBinary()) };
}
function build<T>(a: Assembly, finish: (m: binaryen.Module) => T): T {
  const m = begin(a);
  for (const k of a.kernels) m.kernel(k, a.narrow?.has(k.name));
  return m.finish(a, finish);
}
/** the module's bytes */
export const assemble = (a: Assembly): Uint8Array => build(a, m => m.emitBinary());
/** the module as text, for people */
export const assembleText = (a: Assembly): string => build(a, m => m.emitText());
/** in this thread */
export const here: Assembler = { open, text: assembleText };
/** is the module valid WebAssembly, as binaryen sees it */
export const validates = (a: Assembly): boolean => build(a, m => m.validate() !== 0);

function addPhase(m: binaryen.Module, a: Ending, p: Phase): void {
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
    const { first, count } = call.items ?? { first: 0, count: 0 };
    const at = (item: number): Ref => (item === 0 ? get(FROM) : m.i32.add(get(FROM), c(item)));
    const made = m.call(
      call.kernel,
      [get(N), at(-first), at(1 - first), worker(call.scratch), ...call.args.map(place)],
      binaryen.none,
    );
    return call.items ? m.if(m.i32.lt_u(at(-first), c(count)), made) : made;
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
