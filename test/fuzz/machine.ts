/**
 * A planned stage on a machine of two kinds: its modules as WebAssembly, or its LOOP kernels by the interpreter over the same memory,
 * each access checked (a third, the interpreter's GPU, is gpu.ts). All are played by the true player. Knows no op, no pass.
 */
import { assemble, type Build } from "../../src/codegen/wasm/module.ts";
import {
  type Block,
  type Buf,
  blocks,
  children,
  type Expr,
  exprs,
  type LoopKernel,
  scratchBytes,
} from "../../src/ir/loop.ts";
import { type Data, extentAt } from "../../src/ir/loop-data.ts";
import { interpret } from "../../src/ir/loop-interp.ts";
import type { TensorValue } from "../../src/ir/op.ts";
import { type Arg, type Call, ownItem, type PlanStage } from "../../src/ir/plan.ts";
import { isFloat, STORED_BYTES } from "../../src/ir/type.ts";
import type { Planned } from "../../src/passes/plan/index.ts";
import { view, writable } from "../../src/runtime/dtype.ts";
import { addressOf } from "../../src/runtime/inputs.ts";
import { noLog } from "../../src/runtime/log.ts";
import { ModuleMemory } from "../../src/runtime/memory.ts";
import { playOn } from "../../src/runtime/player.ts";
import { noStatus } from "../../src/runtime/status.ts";
import { makeStrings } from "../../src/runtime/strings.ts";
import { type Instance, instantiate } from "../../src/runtime/wasm.ts";
import { argumentsOf, type Case, earlierOf, offerSources, SITES } from "./case.ts";

export interface Played {
  readonly results: readonly TensorValue[];
  readonly faults: ReadonlyMap<number, number>;
}

// ---- instances

export function wasmInstance(planned: Planned, build: Build): Instance {
  const { stage, kernels, phases } = planned;
  const bytes = assemble({ kernels, phases, regions: stage.regions, build });
  const memory = new ModuleMemory(stage.heap, false);
  const module = new WebAssembly.Module(new Uint8Array(bytes));
  const { exports } = new WebAssembly.Instance(module, { env: { memory: memory.memory } });
  return { memory, phase: name => exports[name] as ReturnType<Instance["phase"]> };
}
/** an empty custom section: V8 hands out what it compiled before for equal bytes, with whatever flags */
const OTHER = Uint8Array.of(0, 2, 1, 0x66);
/** as a player makes it: by the optimising compiler, and 256-bit instructions of pairs where the engine has them */
export function wideInstance({ stage, kernels, phases }: Planned, build: Build): Instance {
  const bytes = assemble({ kernels, phases, regions: stage.regions, build });
  return instantiate(Buffer.concat([bytes, OTHER]), stage.heap);
}
/**
 * The same module, its items claimed one by one, the last first, by two workers in turn: as no thread order may change a bit, this one
 * must not.
 */
export function scattered(planned: Planned, of: Instance): Instance {
  const { worker } = planned.stage.regions;
  const second = of.memory.allocate(worker.bytes, "a second worker");
  of.memory.bytes(second, worker.bytes).fill(POISON);
  return {
    memory: of.memory,
    phase: name => {
      const run = of.phase(name);
      return (from, to, n, first) => {
        for (let item = to - 1; item >= from; item--) run(item, item + 1, n, item % 2 ? first : second);
      };
    },
  };
}
/** rounded: each primitive as the modules do it, so that the simd build gives these very bits; absent: in f64 between stores */
export function loopInstance(planned: Planned, rounded?: "once" | "twice"): Instance {
  const { stage, kernels, phases } = planned;
  const memory = new ModuleMemory(stage.heap, false);
  const kernelOf = new Map(kernels.map(k => [k.name, k]));
  const phaseOf = new Map(phases.map(p => [p.name, p]));
  const run = (call: Call, from: number, to: number, n: number, worker: number): void => {
    const kernel = kernelOf.get(call.kernel)!;
    const buffers = buffersOf(stage, memory, kernel, call, n, worker);
    interpret(kernel, buffers, n, { from, to, ...(rounded ? { rounded } : {}) });
    // what a kernel leaves in its scratch is nothing that a later one may read
    memory.bytes(worker + call.scratch, scratchOf(kernel)).fill(POISON);
  };
  return {
    memory,
    phase: name => (from, to, n, worker) => {
      for (let item = from; item < to; item++)
        for (const call of phaseOf.get(name)!.calls) {
          const own = ownItem(call, item);
          if (own !== undefined) run(call, own, own + 1, n, worker);
        }
    },
  };
}
/** a target may add the lanes of a float in any order; all else has one result, if each step is rounded */
export function fixesBits(k: LoopKernel): boolean {
  const expr = (e: Expr): boolean =>
    !(e.k === "fold" && isFloat(e.ty.elem) && (e.op === "add" || e.op === "mul")) && children(e).every(expr);
  const block = (b: Block): boolean => b.every(s => exprs(s).every(expr) && blocks(s).every(block));
  return block(k.body);
}
const POISON = 0xff;
const scratches = new WeakMap<LoopKernel, number>();
function scratchOf(k: LoopKernel): number {
  let bytes = scratches.get(k);
  if (bytes === undefined) scratches.set(k, (bytes = scratchBytes(k)));
  return bytes;
}
/** what the call's kernel works on, by its names. Two params at one place are one buffer, so that one is seen to touch the other's elements */
export function buffersOf(
  stage: PlanStage,
  memory: ModuleMemory,
  kernel: LoopKernel,
  call: Call,
  n: number,
  worker: number,
): ReadonlyMap<string, Data> {
  const known = new Map<string, Data>();
  return new Map(
    kernel.params.map((b, i) => {
      const at = placeOf(stage, memory, call.args[i]!, worker);
      const fresh = bufferAt(memory, b, at, n);
      const key = `${at} ${b.store} ${fresh.length}`;
      const data = known.get(key) ?? fresh;
      known.set(key, data);
      return [b.name, data];
    }),
  );
}
function placeOf(stage: PlanStage, memory: ModuleMemory, a: Arg, worker: number): number {
  if ("pointer" in a) return memory.u32(stage.regions.state.base, stage.pointers.length)[a.pointer]!;
  return (a.region === "worker" ? worker : stage.regions[a.region].base) + a.offset;
}
/** as long as the kernel says that it is, so that an access beyond it is seen */
function bufferAt(memory: ModuleMemory, b: Buf, at: number, n: number): Data {
  const width = STORED_BYTES[b.store];
  const count = b.extent === "unknown" ? Math.floor((memory.used - at) / width) : extentAt(b, n);
  const room = Math.max(0, Math.floor((memory.memory.buffer.byteLength - at) / width));
  return writable(b.store, memory.bytes(at, Math.min(count, room) * width)) as Data; // as: LOOP has no f16
}

// ---- playing

const NO_FAULT = 0xffffffff;
/** a fault is not raised but read afterwards: the values behind it are compared, too */
export async function played(c: Case, planned: Planned, instance: Instance): Promise<Played> {
  const { stage } = planned;
  const args = argumentsOf(c);
  offerSources(c, args);
  // no result may depend on what lies in memory before
  for (const r of ["step", "worker"] as const)
    instance.memory.bytes(stage.regions[r].base, stage.regions[r].bytes).fill(POISON);
  const faults = (): Uint32Array => instance.memory.u32(addressOf(stage, stage.faults), SITES);
  faults().fill(NO_FAULT);
  const kept = await playOn(
    instance,
    // a plan is JSON: what that cannot hold is lost here
    { ...(JSON.parse(JSON.stringify(stage)) as typeof stage), sites: [] },
    {
      folder: "/",
      seed: c.seed,
      params: new Map(),
      earlier: earlierOf(c, args),
      strings: makeStrings([]),
      print: () => {},
      log: noLog,
      status: noStatus,
      now: () => 0,
    },
  );
  await instance.remote?.fetch([{ at: addressOf(stage, stage.faults), bytes: 4 * SITES }]);
  const results = c.main.results.map((_, i): TensorValue => {
    const { store, shape, bytes } = kept.get(`r${i}`)!;
    const from = view(store, bytes);
    const data = from instanceof BigInt64Array ? from : Float64Array.from(from as Float32Array, x => x); // as: any numbers
    return { k: "tensor", shape, data };
  });
  return { results, faults: new Map([...faults().entries()].filter(([, r]) => r !== NO_FAULT)) };
}
