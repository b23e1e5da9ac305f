/** Which build of a module this engine takes, and a module made ready: its memory and its phases. Knows no plan. */
import { setFlagsFromString } from "node:v8";
import { RuntimeDiagnostic } from "./error.ts";
import { ModuleMemory } from "./memory.ts";
import type { Remote } from "./remote.ts";

export type Build = "relaxed" | "simd";
/** (module (func (result v128) (f32x4.relaxed_madd three zeros))) */
const RELAXED = Uint8Array.of(
  0,
  97,
  115,
  109,
  1,
  0,
  0,
  0,
  1,
  5,
  1,
  96,
  0,
  1,
  123,
  3,
  2,
  1,
  0,
  10,
  19,
  1,
  17,
  0,
  65,
  0,
  253,
  17,
  65,
  0,
  253,
  17,
  65,
  0,
  253,
  17,
  253,
  133,
  2,
  11,
);
let known: Build | undefined;
/** engines before V8 11.4 refuse relaxed SIMD: Node 20 needs a flag for it */
export const build = (): Build => (known ??= WebAssembly.validate(RELAXED) ? "relaxed" : "simd");

/** (items from, to, records, address of the worker's region) */
export type PhaseFunction = (from: number, to: number, n: number, worker: number) => void;
/** (records, items from, to, address of its scratch, address of each argument) */
export type KernelFunction = (n: number, from: number, to: number, scratch: number, ...args: number[]) => void;
export interface Instance {
  readonly memory: ModuleMemory;
  readonly phase: (name: string) => PhaseFunction;
  /** present: the phases work on a memory of their own */
  readonly remote?: Remote;
  /** one kernel of a phase, to look at what it wrote; undefined: the module exports phases only */
  readonly kernel?: (name: string) => KernelFunction | undefined;
}

/**
 * V8 can make 256-bit instructions of adjacent 128-bit ones (AVX2; from V8 13 on in the compiler that it uses): the same operations on
 * the same lanes, so the same bits, and 1.5 times the rate of LeNet's step (shared/facts/wasm.md 1.4). Other engines complain of the flag.
 */
export const WIDENS = process.arch === "x64" && Number.parseInt(process.versions.v8, 10) >= 13;
/**
 * All functions by the optimising compiler, at once: a hot loop is not replaced while it runs, so the first phases would be several
 * times slower (shared/facts/wasm.md 2.3). Lazy compilation would read the flag too late. The flags are taken back: binaryen, if it is
 * loaded later, would suffer from them (1.5).
 */
function compile(bytes: Uint8Array, wide: boolean): WebAssembly.Module {
  setFlagsFromString("--no-liftoff");
  setFlagsFromString("--no-wasm-lazy-compilation");
  if (wide && WIDENS) setFlagsFromString("--experimental-wasm-revectorize");
  try {
    return new WebAssembly.Module(bytes);
  } catch (e) {
    throw new RuntimeDiagnostic(`this engine refuses the compiled module: ${(e as Error).message}`);
  } finally {
    if (wide && WIDENS) setFlagsFromString("--no-experimental-wasm-revectorize");
    setFlagsFromString("--wasm-lazy-compilation");
    setFlagsFromString("--liftoff");
  }
}

export interface Linked extends Instance {
  readonly module: WebAssembly.Module;
}
/** `heap`: first byte behind the regions of the plan; `wide`: with 256-bit instructions where the engine has them */
export function instantiate(bytes: Uint8Array, heap: number, wide = true): Linked {
  const module = compile(bytes, wide);
  const over = (shared: boolean): Linked => {
    const memory = new ModuleMemory(heap, shared);
    return { memory, module, ...link(module, memory.memory) };
  };
  try {
    return over(true);
  } catch (e) {
    // JavaScript cannot ask a module whether it wants a shared memory
    if (e instanceof WebAssembly.LinkError) return over(false);
    throw e;
  }
}
/** the functions of the module over a memory */
export function link(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): Required<Pick<Instance, "phase" | "kernel">> {
  const imported = WebAssembly.Module.imports(module).find(i => i.kind === "memory");
  if (!imported) throw new RuntimeDiagnostic("the compiled module imports no memory");
  const { exports } = new WebAssembly.Instance(module, { [imported.module]: { [imported.name]: memory } });
  // PLAN and module are written together; the bundle's hashes say that they belong together
  return {
    phase: name => {
      const f = exports[name];
      if (typeof f !== "function") throw new RuntimeDiagnostic(`the compiled module has no phase \`${name}\``);
      return f as PhaseFunction;
    },
    kernel: name => exports[name] as KernelFunction | undefined,
  };
}
/** the functions that a module exports, in an order that every thread sees */
export const phaseNames = (module: WebAssembly.Module): readonly string[] =>
  WebAssembly.Module.exports(module).flatMap(e => (e.kind === "function" ? [e.name] : []));
