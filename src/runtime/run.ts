/** One run of a compiled program: its params, its log, its stages in order. Knows nothing of the command line or the compiler. */
import type { Plan, PlanStage, PlanStep } from "../ir/plan.ts";
import type { Bundle } from "./bundle.ts";
import { programKey } from "./checkpoint.ts";
import type { TensorData } from "./dtype.ts";
import { expectPlaces, type PlayOptions } from "./effects.ts";
import { RuntimeDiagnostic } from "./error.ts";
import { noLog, openLog } from "./log.ts";
import { setParams } from "./params.ts";
import { play, playOn } from "./player.ts";
import { listen } from "./signals.ts";
import { statusLine, type Terminal } from "./status.ts";
import { makeStrings } from "./strings.ts";
import { build } from "./wasm.ts";

export interface RunOptions {
  /** the program's folder */
  readonly folder: string;
  readonly seed: number;
  readonly set: ReadonlyMap<string, string>;
  /** path of the log */
  readonly log?: string | undefined;
  readonly threads: number;
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

export async function run(bundle: Bundle, options: RunOptions): Promise<void> {
  const { plan } = bundle;
  const params = setParams(plan.params, options.set);
  const now = (): number => performance.now();
  const log = options.log === undefined ? noLog : openLog(options.log, () => new Date());
  const started = now();
  if (!plan.stages.some(s => s.steps.some(hasEffect)))
    options.terminal.write("warning: the program has neither print nor save: there is nothing to do\n");
  const keeps = plan.stages.some(s => s.steps.some(k => k.k === "loop" && k.checkpoint));
  if (options.resume && !keeps)
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
      device: plan.profile,
      ...(options.device ? { why: options.device.why } : {}),
    });
    const strings = makeStrings(plan.texts ?? []);
    const status = statusLine(options.terminal, now);
    const signals = keeps ? listen(status.note) : undefined;
    let earlier: ReadonlyMap<string, TensorData> = new Map();
    try {
      for (const stage of plan.stages) expectPlaces(stage.steps, options.folder);
      for (const stage of plan.stages) {
        const files = stage.gpu ? Object.values(stage.gpu).map(k => k.file) : [stage.modules[build()]];
        const owner = {
          program: programKey(stage, files.map(bundle.module)),
          device: stage.gpu ? ("gpu" as const) : ("cpu" as const),
          seed: options.seed,
          params: shown(plan, params),
        };
        const rest = { ...options, params, earlier, strings, log, status, now, owner, signals };
        const kept = stage.gpu
          ? await playOnGpu(stage, bundle, rest)
          : await play(stage, bundle.module(stage.modules[build()]), rest);
        earlier = new Map([...earlier, ...kept]);
      }
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
/** Dawn is loaded only here */
async function playOnGpu(
  stage: PlanStage,
  bundle: Bundle,
  options: PlayOptions,
): Promise<ReadonlyMap<string, TensorData>> {
  const { openGpu } = await import("./gpu-device.ts");
  const { instantiateOnGpu } = await import("./gpu.ts");
  const gpu = await openGpu();
  if (typeof gpu === "string") throw new RuntimeDiagnostic(`no GPU: ${gpu}`, { help: "--device cpu" });
  options.log.write("gpu", { name: gpu.name, software: gpu.software });
  try {
    const instance = await instantiateOnGpu(gpu, stage, file => Buffer.from(bundle.module(file)).toString());
    try {
      return await playOn(instance, stage, options);
    } finally {
      instance.remote.close();
    }
  } finally {
    gpu.close();
  }
}
const hasEffect = (s: PlanStep): boolean =>
  s.k === "print" || s.k === "save" || (s.k === "loop" && s.body.some(hasEffect));
const shown = (plan: Plan, set: ReturnType<typeof setParams>): ReturnType<typeof Object.fromEntries> =>
  Object.fromEntries(plan.params.map(p => [p.name, set.get(p.name) ?? p.value]));
