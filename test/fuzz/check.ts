/**
 * One case through every level: GRAPH, after every pass, KERNEL, LOOP, WASM in both builds and in 256 bits, LOOP on the interpreter's GPU. What is
 * compared is the numeric contract (design 4) and nothing else. The compiler is a parameter, so that a test can plant a bug in it.
 */

import { compare as within } from "../../src/ir/bound.ts";
import { paramOf } from "../../src/ir/inline.ts";
import { evaluate, type Fault } from "../../src/ir/interp.ts";
import type { LoopKernel } from "../../src/ir/loop.ts";
import { parseLoop, printLoop } from "../../src/ir/loop-text.ts";
import { verifyLoop } from "../../src/ir/loop-verify.ts";
import { type Fn, type Node, topological } from "../../src/ir/node.ts";
import type { TensorValue, Value } from "../../src/ir/op.ts";
import type { Stage } from "../../src/ir/stage.ts";
import { parse, print } from "../../src/ir/text.ts";
import { sameTensor, tensorOf } from "../../src/ir/value.ts";
import { assertValid, type Form } from "../../src/ir/verify.ts";
import { gradient } from "../../src/passes/autodiff.ts";
import { expandAll, expandFn } from "../../src/passes/expand.ts";
import { passes } from "../../src/passes/index.ts";
import type { Pass } from "../../src/passes/pass.ts";
import { type Planned, planStage } from "../../src/passes/plan/index.ts";
import { CPU, GPU, type Target } from "../../src/passes/plan/target.ts";
import { schedule } from "../../src/passes/schedule.ts";
import { segmentFn } from "../../src/passes/segment.ts";
import { STRIPS } from "../../src/passes/strips/index.ts";
import type { Instance } from "../../src/runtime/wasm.ts";
import { walk } from "../ir/walk.ts";
import { argumentsOf, type Case, elementsOf, programWork, stageOf } from "./case.ts";
import { drawnExact, drawnSchedules, drawnStrips } from "./decisions.ts";
import { differs } from "./differences.ts";
import { drawnForGpu, gpuInstance } from "./gpu.ts";
import { fixesBits, loopInstance, type Played, played, scattered, wasmInstance, wideInstance } from "./machine.ts";
import { type Reference, reference } from "./reference.ts";

/** what is tested */
export interface Compiler {
  readonly passes: readonly Pass[];
  readonly plan: (stage: Stage, decisions: number, device: Device) => Planned;
}
export type Device = "cpu" | "gpu";
export const compiler: Compiler = {
  passes,
  plan: (stage, decisions, device) => {
    const limits = decisions ? drawnStrips(decisions) : STRIPS;
    const phases: Target["phases"] = (kernels, placed, later) => schedule(kernels, placed, later, limits);
    const { exact: _, ...without } = { ...CPU, phases };
    const exact = decisions ? drawnExact(decisions) : CPU.exact;
    const cpu: Target = { ...without, ...(exact ? { exact } : {}) };
    const target = device === "gpu" ? GPU : cpu;
    const drawn = device === "gpu" ? drawnForGpu : drawnSchedules;
    return planStage(stage, "fuzz", { target, ...(decisions ? { choose: drawn(decisions) } : {}) });
  },
};

export interface Verdict {
  /** the level that differs and how; absent: none does */
  readonly failure?: Failure;
  readonly elements: number;
  readonly undecided: number;
}
export interface Failure {
  readonly level: string;
  /** a value, faults, bits, or the words of what was thrown: two failures of one level and kind are taken for one bug */
  readonly kind: string;
  readonly message: string;
}
class Difference extends Error implements Failure {
  readonly level: string;
  readonly kind: string;
  constructor(level: string, kind: string, message: string) {
    super(message);
    this.level = level;
    this.kind = kind;
  }
}
export const sameFailure = (a: Failure | undefined, b: Failure): boolean => a?.level === b.level && a.kind === b.kind;
const at = <T>(level: string, f: () => T): T => {
  try {
    return f();
  } catch (e) {
    throw e instanceof Difference ? e : thrown(level, e);
  }
};
function thrown(level: string, e: unknown): Difference {
  if (!(e instanceof Error)) return new Difference(level, "thrown", String(e));
  // names and numbers of the program may change
  const kind = e.message.split("\n")[0]!.replaceAll(/[\w.%@]*\d[\w.%]*(\[[^\]]*\])?/g, "#");
  return new Difference(level, kind, (e.stack ?? e.message).split("\n").slice(0, 5).join("\n"));
}

const FORMS: readonly Form[] = ["source", "segmented", "expanded", "kernel"];
/** elements beyond which the interpreters of KERNEL and LOOP take seconds */
const MOST_INTERPRETED = 150_000;
export interface Levels {
  /** the interpreters of KERNEL and LOOP are slow: not for every case */
  readonly kernel: boolean;
  readonly loop: boolean;
  readonly gpu: boolean;
}
export const NO_LEVELS: Levels = { kernel: false, loop: false, gpu: false };
export const ALL_LEVELS: Levels = { kernel: true, loop: true, gpu: true };
export async function check(c: Case, levels: Levels = ALL_LEVELS, by: Compiler = compiler): Promise<Verdict> {
  let [elements, undecided] = [0, 0];
  try {
    const args = argumentsOf(c);
    const plain = at("reference", () => expandAll(segmentFn(c.main)));
    const want = at("reference", () => reference(plain, args));
    const slow = programWork(plain, c.rows) > MOST_INTERPRETED;
    want.results.forEach(r => {
      elements += elementsOf(r.value);
      undecided += want.doubtful ? elementsOf(r.value) : r.undecided.reduce((a, u) => a + u, 0);
    });
    await compareAll(c, args, want, slow ? NO_LEVELS : levels, by);
    return { elements, undecided };
  } catch (e) {
    if (e instanceof Difference)
      return { failure: { level: e.level, kind: e.kind, message: e.message }, elements, undecided };
    throw e;
  }
}
async function compareAll(
  c: Case,
  args: readonly Value[],
  want: Reference,
  levels: Levels,
  by: Compiler,
): Promise<void> {
  const faultsOf = (f: Fn, level: string): ReadonlyMap<number, number> =>
    at(level, () => {
      const faults = new Map<number, number>();
      const fault = ({ site, record }: Fault): void =>
        void faults.set(site, Math.min(record, faults.get(site) ?? record));
      const options = { fault, gradient: (g: Fn, wrt: readonly number[]) => gradient(expandFn(g), wrt) };
      expectResults(level, evaluate(f, args, 0, options).map(tensorOf), want);
      return faults;
    });
  faultsOf(c.main, "source");
  at("gradient", () => differs(c.main, c.data));
  at("text", () => {
    if (parse(print(c.main)) !== c.main) throw new Error("what is printed is not what is read");
  });
  let stage = stageOf(c);
  let faults: ReadonlyMap<number, number> = new Map();
  let form: Form = "source";
  by.passes.forEach((p, i) => {
    const level = `${p.name} (pass ${i + 1})`;
    const next = at(level, () => p.run(stage));
    if (next === stage && i < by.passes.length - 1) return;
    stage = next;
    if (FORMS.indexOf(p.to) > FORMS.indexOf(form)) form = p.to;
    at(level, () => assertValid(stage.main, form, p.name, false));
    faults = faultsOf(stage.main, level);
  });
  const expectFaults = (level: string, got: ReadonlyMap<number, number>): void => {
    if (want.doubtful) return;
    const decided = (m: ReadonlyMap<number, number>): string =>
      [...m]
        .filter(([site]) => !want.doubtfulSites.has(site))
        .map(([s, r]) => `site ${s} record ${r}`)
        .sort()
        .join(", ");
    if (decided(got) !== decided(faults))
      throw new Difference(level, "faults", `faults: ${decided(got)} where ${decided(faults)} is right`);
  };
  if (levels.kernel) {
    const { results, faults: seen } = at("kernel", () => byKernels(stage.main, args));
    expectResults("kernel", results, want);
    expectFaults("kernel", seen);
  }
  const planned = at("plan", () => by.plan(stage, c.decisions, "cpu"));
  expectLawful("loop", planned.kernels);
  const sameBits: typeof expectBits = (...all) => {
    if (!want.chosenBits) expectBits(...all);
  };
  const on = async (level: string, instance: () => Instance, of = planned): Promise<Played> => {
    try {
      const got = await played(c, of, instance());
      expectResults(level, got.results, want);
      expectFaults(level, got.faults);
      return got;
    } catch (e) {
      throw e instanceof Difference ? e : thrown(level, e);
    }
  };
  if (levels.loop) await on("loop", () => loopInstance(planned));
  const simd = await on("wasm simd", () => wasmInstance(planned, "simd"));
  const relaxed = await on("wasm relaxed", () => wasmInstance(planned, "relaxed"));
  const wide = await on("wasm 256", () => wideInstance(planned, "relaxed"));
  sameBits("wasm 256", wide.results, relaxed.results, "in 128-bit instructions");
  const apart = await on("wasm items", () => scattered(planned, wasmInstance(planned, "simd")));
  sameBits("wasm items", apart.results, simd.results, "in one run");
  if (levels.loop && planned.kernels.every(fixesBits)) {
    // the module does what the interpreter does when it rounds each step: these very bits
    const rounded = await on("loop rounded", () => loopInstance(planned, "twice"));
    sameBits("wasm simd", simd.results, rounded.results, "by LOOP");
  }
  if (levels.gpu) {
    const cut = at("gpu plan", () => by.plan(stage, c.decisions, "gpu"));
    expectLawful("gpu", cut.kernels);
    await on("gpu", () => gpuInstance(cut, c.data), cut);
  }
}
function expectLawful(level: string, kernels: readonly LoopKernel[]): void {
  for (const k of kernels) {
    const { errors } = at(level, () => verifyLoop(k, { registers: Infinity }));
    if (errors.length) throw new Difference(level, "verifier", errors.join("\n"));
    at(`${level} text`, () => {
      const text = printLoop(k);
      if (printLoop(parseLoop(text)) !== text) throw new Error("what is printed is not what is read");
    });
  }
}
function expectBits(level: string, got: readonly TensorValue[], want: readonly TensorValue[], where: string): void {
  got.forEach((g, i) => {
    if (!sameTensor(g, want[i]!))
      throw new Difference(level, "bits", `result ${i}: [${g.data}] where it is [${want[i]!.data}] ${where}`);
  });
}
function expectResults(level: string, got: readonly TensorValue[], want: Reference): void {
  if (want.doubtful) return;
  got.forEach((g, i) => {
    const { wrong } = within(g, want.results[i]!);
    if (wrong !== undefined) throw new Difference(level, "value", `result ${i}: ${wrong}`);
  });
}

/** functions of tensors walked as KERNELs, all around them by its meaning */
function byKernels(main: Fn, args: readonly Value[]): Played {
  const faults = new Map<number, number>();
  const fault = (site: number, record: number): void =>
    void faults.set(site, Math.min(record, faults.get(site) ?? record));
  const call = (f: Fn, given: readonly Value[], n: number): readonly Value[] => {
    const nodes = topological(f.results);
    if (nodes.every(x => x.type.k === "tensor") && f.params.every(p => p.k === "tensor")) {
      const walked = walk(f, given, n);
      for (const [site, record] of walked.faults) fault(site, record);
      return walked.values;
    }
    const values = new Map<Node, Value>();
    for (const x of nodes) {
      const inputs = x.args.map(a => values.get(a)!);
      values.set(x, x.op.control === "param" ? given[paramOf(x)]! : x.op.eval(inputs, x, { n, fault, call }));
    }
    return f.results.map(r => values.get(r)!);
  };
  return { results: call(main, args, 0).map(tensorOf), faults };
}
