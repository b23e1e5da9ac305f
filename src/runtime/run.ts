/** One run of a compiled program: its params, its log, its stages in order. Knows nothing of the command line or the compiler. */
import { setFlagsFromString } from "node:v8";
import type { Dims, Json } from "../ir/plan.ts";
import { type Bundle, sha256 } from "./bundle.ts";
import { programKey } from "./checkpoint.ts";
import { engineShare } from "./columns.ts";
import { type TensorData, valueAt, view } from "./dtype.ts";
import { expectPlaces, type PlayOptions } from "./effects.ts";
import { limitEngine, limitEngineThreads } from "./engine/duckdb.ts";
import { RuntimeDiagnostic } from "./error.ts";
import type { Gpu } from "./gpu-device.ts";
import { noLog, openLog } from "./log.ts";
import { setParams } from "./params.ts";
import { play, playOn } from "./player.ts";
import { makeReads } from "./reads.ts";
import { listen } from "./signals.ts";
import { type Parts, type StageBundle, type Stages, stagesOfBundle } from "./stages.ts";
import { noStatus, statusLine, type Terminal } from "./status.ts";
import { makeStrings } from "./strings.ts";
import { build } from "./wasm.ts";

export interface RunOptions {
  /** the program's folder */
  readonly folder: string;
  readonly seed: number;
  readonly set: ReadonlyMap<string, string>;
  /** params that are not set are what the program says, not with which values it was compiled */
  readonly asWritten?: boolean;
  /** path of the log */
  readonly log?: string | undefined;
  readonly threads: number;
  /** bytes that the run may take; absent: it is not asked to be small */
  readonly budget?: number | undefined;
  /** go on from the checkpoints */
  readonly resume?: boolean | undefined;
  /** why a GPU or a CPU was chosen; goes to the log */
  readonly device?: Device | undefined;
  readonly print: (line: string) => void;
  readonly terminal: Terminal;
}

export interface Device {
  readonly kind: "cpu" | "gpu";
  readonly why: string;
}

/** `compiler`: of the stages that the bundle has not yet */
export const run = (bundle: Bundle, options: RunOptions, compiler: Parts["compiler"]): Promise<void> =>
  runStages(stagesOfBundle(bundle, compiler), options);

export async function runStages(program: Stages, options: RunOptions): Promise<void> {
  const { plan, outline } = program;
  const params = setParams(plan.params, options.set, options.asWritten);
  const now = (): number => performance.now();
  const log = options.log === undefined ? noLog : openLog(options.log, () => new Date());
  const started = now();
  limitEngineThreads(options.threads);
  if (options.budget !== undefined) {
    limitEngine(engineShare(options.budget));
    // young objects that nobody holds are not worth more memory
    setFlagsFromString("--semi-space-growth-factor=1");
  }
  if (!outline.effects)
    options.terminal.write("warning: the program has neither print nor save: there is nothing to do\n");
  if (options.resume && !outline.checkpoints)
    throw new RuntimeDiagnostic("--resume: the program makes no checkpoints", {
      exitCode: 2,
      help: 'train(.., checkpoint: "folder")',
    });
  try {
    log.write("start", {
      hsc: plan.hsc,
      seed: options.seed,
      params: shown(plan, params),
      threads: options.threads,
      build: build(),
      device: plan.profile === "gpu" ? "gpu" : "cpu",
      profile: plan.profile,
      ...(options.device ? { why: options.device.why } : {}),
    });
    const status = statusLine(options.terminal, now);
    const signals = outline.checkpoints ? listen(status.note) : undefined;
    try {
      expectPlaces(outline.saves, options.folder);
      await playAll(program, { ...options, params, strings: makeStrings(plan.texts ?? []), log, status, now, signals });
    } finally {
      status.clear();
      signals?.close();
    }
    log.write("end", { ok: true, seconds: (now() - started) / 1000 });
  } catch (e) {
    // the run's error is the one to report, whatever the log says
    try {
      log.write("end", {
        ok: false,
        seconds: (now() - started) / 1000,
        error: e instanceof Error ? e.message : String(e),
      });
    } catch {}
    throw e;
  } finally {
    log.close();
  }
}
/** the numbers that the stages of a program keep; it has no effects */
export async function dimsOf(program: Stages, folder: string): Promise<Dims> {
  const now = (): number => performance.now();
  const strings = makeStrings(program.plan.texts ?? []);
  const params = new Map<string, Json>();
  const print = (): void => {};
  const kept = await playAll(program, { folder, seed: 0, params, strings, print, log: noLog, status: noStatus, now });
  return new Map([...kept].flatMap(([name, t]) => (t.shape.length ? [] : [[name, numberOf(t)] as const])));
}

type AllOptions = Omit<PlayOptions, "earlier" | "reads" | "owner" | "began">;
/** gives what the stages keep */
async function playAll(program: Stages, options: AllOptions): Promise<ReadonlyMap<string, TensorData>> {
  const { plan, outline } = program;
  const began = options.now();
  const kept = new Map<string, TensorData>();
  const reads = outline.needs.length > 1 ? makeReads() : undefined;
  let key = "";
  let gpu: Gpu | undefined;
  try {
    for (const [i, needs] of outline.needs.entries()) {
      const dims: Dims = new Map(needs.map(name => [name, numberKept(kept, name)]));
      const { stage, module } = await program.stage(i, dims);
      if (i > 0) options.log.write("stage", { stage: i, dims: Object.fromEntries(dims) });
      const files = stage.gpu ? Object.values(stage.gpu).map(k => k.file) : [stage.modules[build()]];
      // what a stage computes hangs on those before it
      const own = programKey(stage, files.map(module));
      key = i === 0 ? own : sha256(key + own);
      const owner = {
        program: key,
        device: stage.gpu ? ("gpu" as const) : ("cpu" as const),
        seed: options.seed,
        params: shown(plan, options.params),
      };
      if (i === outline.needs.length - 1) reads?.last();
      const all = { ...options, earlier: kept, reads, owner, began };
      let made: ReadonlyMap<string, TensorData>;
      if (stage.gpu) {
        gpu ??= await openedGpu(options);
        made = await playOnGpu(gpu, stage, module, all);
      } else made = await play(stage, module(stage.modules[build()]), all);
      for (const [name, t] of made) kept.set(name, t);
    }
    return kept;
  } finally {
    gpu?.close();
  }
}
const numberOf = (t: TensorData): number => Number(valueAt(t.store, view(t.store, t.bytes), 0));
function numberKept(kept: ReadonlyMap<string, TensorData>, name: string): number {
  const t = kept.get(name);
  if (!t) throw new Error(`internal: no stage kept ${name}`);
  return numberOf(t);
}
/** Dawn is loaded only here */
async function openedGpu(options: AllOptions): Promise<Gpu> {
  const { openGpu } = await import("./gpu-device.ts");
  const gpu = await openGpu();
  if (typeof gpu === "string") throw new RuntimeDiagnostic(`no GPU: ${gpu}`, { help: "--device cpu" });
  options.log.write("gpu", { name: gpu.name, software: gpu.software });
  return gpu;
}
async function playOnGpu(
  gpu: Gpu,
  stage: StageBundle["stage"],
  module: StageBundle["module"],
  options: PlayOptions,
): Promise<ReadonlyMap<string, TensorData>> {
  const { instantiateOnGpu } = await import("./gpu.ts");
  const instance = await instantiateOnGpu(gpu, stage, file => Buffer.from(module(file)).toString());
  try {
    return await playOn(instance, stage, options);
  } finally {
    instance.remote.close();
  }
}
const shown = (plan: Stages["plan"], set: PlayOptions["params"]): ReturnType<typeof Object.fromEntries> =>
  Object.fromEntries(plan.params.map(p => [p.name, set.get(p.name) ?? p.value]));
