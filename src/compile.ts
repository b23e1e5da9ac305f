/** A program's text to its plan and modules: check, lower, passes, plan, code. The pipeline, not a pass, verifies. */
import { assertBuilt } from "./codegen/wasm/limits.ts";
import { type Assembly, assemble, assembleText, type Build } from "./codegen/wasm/module.ts";
import { forGpu, type GpuStage, refusal } from "./codegen/wgsl/module.ts";
import { type Checked, check } from "./frontend/check/index.ts";
import type { CoreProgram } from "./frontend/core.ts";
import { coreText, weightsText } from "./frontend/core-text.ts";
import { type Diagnostic, report } from "./frontend/diagnostics/catalogue.ts";
import { fileDims, lower, Refusal } from "./frontend/lower/index.ts";
import { type Host, HostError } from "./ir/host.ts";
import { Limit } from "./ir/limit.ts";
import { printLoop } from "./ir/loop-text.ts";
import { resetPool, type Span } from "./ir/node.ts";
import type { Plan, PlanStage } from "./ir/plan.ts";
import { printPlan } from "./ir/plan-text.ts";
import type { Stage } from "./ir/stage.ts";
import { print } from "./ir/text.ts";
import { assertValid } from "./ir/verify.ts";
import { NotDifferentiable } from "./passes/autodiff.ts";
import { passes, planPasses } from "./passes/index.ts";
import { type Planned, planStage } from "./passes/plan/index.ts";
import { CPU, GPU } from "./passes/plan/target.ts";
import type { Trace } from "./passes/trace.ts";
import { Stopped, type TraceOptions, tracing } from "./tracing.ts";
import { VERSION } from "./version.ts";

export interface CompileOptions extends TraceOptions {
  readonly set: Readonly<Record<string, string>>;
  readonly prelude: Readonly<Record<string, string>>;
  /** of a CPU, which modules; absent: all */
  readonly builds?: readonly Build[] | undefined;
  /** absent: cpu */
  readonly device?: "cpu" | "gpu" | undefined;
}
interface Told {
  readonly diagnostics: readonly Diagnostic[];
  readonly texts: ReadonlyMap<string, string>;
}
export interface Compiled extends Told {
  readonly plan?: Plan;
  readonly modules: ReadonlyMap<string, Uint8Array>;
}
export interface Explained extends Told {
  readonly text?: string;
}
const BUILDS: readonly Build[] = ["relaxed", "simd"];
const LEVELS = ["core", "graph", "kernel", "loop", "plan", "wat", "wgsl"] as const;
/** what --print-after and --stop-after know */
export const PASS_NAMES: readonly string[] = [
  ...new Set(["check", "lower", ...passes.map(p => p.name), ...planPasses.map(p => p.name), "plan", "wasm", "wgsl"]),
];

export function compile(file: string, host: Host, options: CompileOptions): Compiled {
  const modules = new Map<string, Uint8Array>();
  const { made, ...told } = pipeline(file, host, options, (core, stage, trace): Plan => {
    const params = core.params.map(p => ({
      name: p.name,
      type: p.type.k === "string" ? "string" : p.type.elem,
      value: p.value,
      ...(p.fixed ? { fixed: "a dim, a schema or a branch depends on it" } : {}),
    }));
    const plan = (profile: string, of: PlanStage): Plan => ({
      version: 1,
      hsc: VERSION,
      profile,
      base: ".",
      params,
      stages: [of],
      ...(core.texts.length ? { texts: core.texts } : {}),
    });
    const planned = back(middle(stage, options, trace), trace, options.device);
    if (options.device === "gpu") {
      const gpu = onGpu(planned, trace);
      for (const [name, text] of gpu.modules) modules.set(name, new TextEncoder().encode(text));
      return plan("gpu", gpu.stage);
    }
    for (const build of options.builds ?? BUILDS)
      modules.set(
        planned.stage.modules[build],
        trace(
          "wasm",
          () => assemble(assembly(planned, build)),
          () => assembleText(assembly(planned, build)),
        ),
      );
    return plan("cpu", planned.stage);
  });
  return { ...told, modules, ...(made ? { plan: made } : {}) };
}

export function explain(
  file: string,
  host: Host,
  options: CompileOptions & { level?: string | undefined; weights?: boolean | undefined },
): Explained {
  const { made, ...told } = pipeline(file, host, options, (core, stage, trace): string => {
    if (options.weights) return weightsText(core);
    const level = LEVELS.find(l => l === options.level) ?? "kernel";
    if (level === "core") return coreText(core);
    const expanded = middle(stage, options, trace);
    if (level === "graph") return print(expanded.main);
    const planned = back(expanded, trace, level === "wgsl" ? "gpu" : options.device);
    switch (level) {
      case "kernel":
        return planned.text;
      case "loop":
        return planned.kernels.map(printLoop).join("\n");
      case "plan":
        return printPlan(planned.stage);
      case "wat":
        return assembleText(assembly(planned, "relaxed"));
      case "wgsl":
        return textOf(onGpu(planned, trace));
      default:
        return level satisfies never;
    }
  });
  return { ...told, ...(made === undefined ? {} : { text: made }) };
}

/** check and lower, then `rest`; what is thrown for the user becomes a diagnostic. made: absent after --stop-after, and where the program is wrong */
function pipeline<T>(
  file: string,
  host: Host,
  options: CompileOptions,
  rest: (core: CoreProgram, stage: Stage, trace: Trace) => T,
): Told & { readonly made?: T } {
  resetPool();
  const { trace, times } = tracing(
    options,
    () => host.text(file),
    e => e instanceof HostError || messages(e, file) !== undefined,
  );
  let told: Checked = { core: undefined, diagnostics: [], texts: new Map() };
  try {
    told = trace(
      "check",
      () => check(file, host, { set: options.set, prelude: options.prelude }),
      c => (c.core ? coreText(c.core) : ""),
    );
    const { core } = told;
    if (!core) return told;
    const stage = trace(
      "lower",
      () => lower(core, fileDims(core, host), host),
      s => print(s.main, { spans: options.spans ?? false }),
    );
    return { ...told, made: rest(core, stage, trace) };
  } catch (e) {
    const more = e instanceof Stopped ? [] : messages(e, file);
    if (!more) throw e;
    return { ...told, diagnostics: [...told.diagnostics, ...more] };
  } finally {
    if (options.time) options.write?.(times());
  }
}
function middle(stage: Stage, options: CompileOptions, trace: Trace): Stage {
  for (const p of passes) {
    const before = stage;
    const run = (): Stage => {
      const next = p.run(before);
      assertValid(next.main, p.to, p.name, false);
      return next;
    };
    stage = trace(p.name, run, s => print(s.main, { spans: options.spans ?? false }));
  }
  assertBuilt(stage);
  return stage;
}
const back = (stage: Stage, trace: Trace, device: "cpu" | "gpu" = "cpu"): Planned =>
  trace(
    "plan",
    () => planStage(stage, "stage0", { target: device === "gpu" ? GPU : CPU, trace }),
    p => printPlan(p.stage),
  );
function onGpu({ stage, kernels }: Planned, trace: Trace): GpuStage {
  for (const k of kernels) {
    const refused = refusal(k);
    if (!refused) continue;
    const spans = stage.calls.flatMap(c => (c.kernel === k.name ? c.writes.flatMap(w => w.span ?? []) : []));
    throw new Limit(`${refused.type} on a GPU`, "--device cpu", spans.slice(0, 1));
  }
  return trace("wgsl", () => forGpu(stage, kernels, "stage0"), textOf);
}
const textOf = (g: GpuStage): string => [...g.modules].map(([name, text]) => `// ${name}\n${text}`).join("\n");
const assembly = ({ stage, kernels, phases }: Planned, build: Build): Assembly => ({
  kernels,
  phases,
  regions: stage.regions,
  build,
  shared: true,
  exportKernels: true,
});

/** what a pass throws for the user, as the catalogue says it; undefined: it is no message */
function messages(e: unknown, file: string): readonly Diagnostic[] | undefined {
  if (e instanceof Refusal) return e.diagnostics;
  if (e instanceof Limit) return [report.limit({ what: e.what, instead: e.instead, ...placed(e.spans, file) })];
  if (e instanceof NotDifferentiable) return [report.notDifferentiable({ what: e.what, ...placed(e.spans, file) })];
  return undefined;
}
/** a place in the program itself before those in what it imports and in the prelude; the others as notes */
function placed(spans: readonly Span[], file: string) {
  const span = spans.find(s => s.file === file) ?? spans[0] ?? { file, start: 0, end: 0, line: 1, column: 1 };
  return { span, notes: spans.filter(s => s !== span).map(s => ({ message: "and here", span: s, line: true })) };
}
