/** A program's text to its plan and modules: check, lower, passes, plan, code. The pipeline, not a pass, verifies. */

import { duckdbQuery } from "./codegen/sql/duckdb.ts";
import { withQueries } from "./codegen/sql/stage.ts";
import type { Assembler, Build, Form } from "./codegen/wasm/module.ts";
import { forGpu, type GpuStage } from "./codegen/wgsl/module.ts";
import { type Checked, check } from "./frontend/check/index.ts";
import type { CoreProgram, Param } from "./frontend/core.ts";
import { coreText, weightsText } from "./frontend/core-text.ts";
import { type Diagnostic, diagnostic, report } from "./frontend/diagnostics/catalogue.ts";
import { fileDims, lower, Refusal } from "./frontend/lower/index.ts";
import type { Trees } from "./frontend/prelude.ts";
import { enginesText } from "./frontend/segment/engines.ts";
import { segment } from "./frontend/segment/index.ts";
import { dimStagesOf, stagesOf, symbolsOfStages, trainBehind, type Work } from "./frontend/stages.ts";
import { type Host, HostError } from "./ir/host.ts";
import { Limit } from "./ir/limit.ts";
import type { LoopKernel } from "./ir/loop.ts";
import { printLoop } from "./ir/loop-text.ts";
import { resetPool, type Span } from "./ir/node.ts";
import type { Dims, Outline, ParamValue, Plan, PlanStage } from "./ir/plan.ts";
import { printPlan } from "./ir/plan-text.ts";
import type { Rel } from "./ir/rel.ts";
import type { Stage } from "./ir/stage.ts";
import { print } from "./ir/text.ts";
import { assertValid } from "./ir/verify.ts";
import { NotDifferentiable } from "./passes/autodiff.ts";
import { stepCost } from "./passes/cost.ts";
import { passes, planPasses } from "./passes/index.ts";
import { type Planned, planStage } from "./passes/plan/index.ts";
import { CPU, GPU, type Target } from "./passes/plan/target.ts";
import { AVX2, type Profile } from "./passes/profile.ts";
import { schedule } from "./passes/schedule.ts";
import { stripsFor, WHOLE } from "./passes/strips/index.ts";
import { tile } from "./passes/tile.ts";
import type { Trace } from "./passes/trace.ts";
import { Stopped, type TraceOptions, tracing } from "./tracing.ts";
import { VERSION } from "./version.ts";

export interface CompileOptions extends TraceOptions {
  readonly set: Readonly<Record<string, string>>;
  readonly prelude: Readonly<Record<string, string>>;
  readonly trees?: Trees | undefined;
  /** of a CPU, which modules; absent: all */
  readonly builds?: readonly Build[] | undefined;
  /** absent: cpu */
  readonly device?: "cpu" | "gpu" | undefined;
  /** of the machine that it is compiled for; absent: x86 with AVX2 */
  readonly profile?: Profile | undefined;
  /** who makes modules; asked for when there are kernels */
  readonly assembler: () => Assembler;
}
interface Told {
  readonly diagnostics: readonly Diagnostic[];
  readonly texts: ReadonlyMap<string, string>;
}
/** `--stop-after`, and where the program is wrong: without a stage */
export interface CompiledStage extends Told {
  readonly stage?: PlanStage;
  /** of a CPU: what its calls call */
  readonly kernels: readonly LoopKernel[];
  readonly modules: ReadonlyMap<string, Uint8Array>;
}
/** a program that is right, as far as can be said before its data are seen: its stages are compiled one after the other */
export interface Staged {
  readonly plan: Omit<Plan, "stages">;
  readonly outline: Outline;
  /** `dims`: numbers of the symbols that the outline names for stage `i` */
  readonly stage: (i: number, dims: Dims) => CompiledStage;
  /** how many stages wait for no training */
  readonly early: number;
  /** stages that find the numbers that those wait for, and do nothing else */
  readonly dims: () => Omit<Staged, "dims" | "early">;
}
/** without `staged`: as CompiledStage */
export interface Begun extends Told {
  readonly staged?: Staged;
}
export interface Compiled extends Told {
  readonly plan?: Plan;
  readonly modules: ReadonlyMap<string, Uint8Array>;
}
export interface Explained extends Told {
  readonly text?: string;
}
const BUILDS: readonly Build[] = ["relaxed", "simd"];
const LEVELS = ["core", "sql", "graph", "kernel", "loop", "plan", "wat", "wgsl"] as const;
/** what --print-after and --stop-after know */
export const PASS_NAMES: readonly string[] = [
  ...new Set([
    "check",
    "engine",
    "lower",
    ...passes.map(p => p.name),
    ...planPasses.map(p => p.name),
    "plan",
    "wasm",
    "wgsl",
  ]),
];

/** checks the program, and parts it into stages */
export function begin(file: string, host: Host, options: CompileOptions): Begun {
  const { program, ...told } = opened(file, host, options);
  if (!program) return told;
  const { core, known } = program;
  const quiet = { ...told, diagnostics: [] };
  const staged = (works: readonly Work[]): ReturnType<Staged["dims"]> => ({
    plan: {
      version: 1,
      hsc: VERSION,
      profile: options.device === "gpu" ? "gpu" : (options.profile ?? AVX2).name,
      base: ".",
      params: core.params.map(p => ({
        name: p.name,
        type: p.type.k === "string" ? "string" : p.type.elem,
        ...(p.type.k === "tensor" && p.type.shape.length ? { shape: p.type.shape as readonly number[] } : {}), // as: of a param
        value: paramValue(p, p.value),
        ...(p.own === undefined ? {} : { default: paramValue(p, p.own) }),
        ...(p.fixed ? { fixed: "a dim, a schema or a branch depends on it" } : {}),
      })),
      ...(core.texts.length ? { texts: core.texts } : {}),
    },
    outline: outlineOf(core, works),
    stage: (i, dims) => {
      const modules = new Map<string, Uint8Array>();
      let kernels: readonly LoopKernel[] = [];
      const { made, ...more } = guarded(
        quiet,
        file,
        options,
        () => coreText(core),
        trace => {
          const name = `stage${i}`;
          const expanded = middle(lowered(program, works[i]!, dims, trace, options), options, trace);
          const builds = options.device === "gpu" ? [] : (options.builds ?? BUILDS);
          const open = builds.map(build => [build, options.assembler().open(form(build))] as const);
          // a kernel is assembled, elsewhere, while the next one is emitted
          const planned = back(expanded, name, trace, options, k => {
            for (const [, m] of open) m.kernel(k);
          });
          kernels = planned.kernels;
          const needs = Object.fromEntries(works[i]!.needs.map(id => [id, dims.get(id)!]));
          if (options.device === "gpu") {
            const gpu = onGpu(planned, name, trace);
            for (const [path, text] of gpu.modules) modules.set(path, new TextEncoder().encode(text));
            return { ...gpu.stage, needs };
          }
          const { phases, stage } = planned;
          for (const [build, m] of open)
            modules.set(
              stage.modules[build],
              trace(
                "wasm",
                () => m.finish({ phases, regions: stage.regions }),
                () => textIn(planned, build, options),
              ),
            );
          return { ...planned.stage, needs };
        },
      );
      return { ...more, modules, kernels, ...(made ? { stage: made } : {}) };
    },
  });
  const works = stagesOf(core, { known });
  const symbols = symbolsOfStages(works);
  const late = new Set(symbols.filter(s => trainBehind(s, symbols)).map(s => s.id));
  const first = works.findIndex(w => w.needs.some(id => late.has(id)));
  const early = first < 0 ? works.length : first;
  const dims = (): ReturnType<Staged["dims"]> => {
    const own = new Set(works.slice(0, early).flatMap(w => w.needs));
    return staged(
      dimStagesOf(
        core,
        { known },
        symbols.filter(s => own.has(s.id)),
      ),
    );
  };
  return { ...told, staged: { ...staged(works), early, dims } };
}
function paramValue({ type }: Param, value: ParamValue): ParamValue | boolean | readonly boolean[] {
  if (type.k === "string" || type.elem !== "bool" || typeof value === "string") return value;
  return typeof value === "number" ? Boolean(value) : value.map(Boolean);
}
const outlineOf = (core: CoreProgram, works: readonly Work[]): Outline => ({
  needs: works.map(w => w.needs),
  saves: core.effects.flatMap(e => (e.k === "save" ? [{ path: e.path, span: e.span }] : [])),
  checkpoints: core.nets.some(n => n.k === "train" && n.checkpoint !== undefined),
  effects: core.effects.length > 0,
});

/** the stages that hang on no data: the first one, and there are no others where `staged` has one */
export function compile(file: string, host: Host, options: CompileOptions): Compiled {
  const { staged, ...told } = begin(file, host, options);
  if (!staged) return { ...told, modules: new Map() };
  const { stage, modules, diagnostics } = staged.stage(0, new Map());
  return {
    ...told,
    diagnostics: [...told.diagnostics, ...diagnostics],
    modules,
    ...(stage ? { plan: { ...staged.plan, stages: [stage] } } : {}),
  };
}

export function explain(
  file: string,
  host: Host,
  options: CompileOptions & { level?: string | undefined; weights?: boolean | undefined },
): Explained {
  const { program, ...told } = opened(file, host, options);
  if (!program) return told;
  const { core, known } = program;
  if (options.weights) return { ...told, text: weightsText(core) };
  const level = LEVELS.find(l => l === options.level) ?? "kernel";
  if (level === "core") return { ...told, text: coreText(core) };
  if (level === "sql") return { ...told, text: enginesText(core, sqlText) };
  const works = stagesOf(core, { known });
  const { made, ...more } = guarded(
    told,
    file,
    options,
    () => coreText(core),
    (trace): string => {
      const shown = (work: Work, name: string): string => {
        const expanded = middle(lowered(program, work, new Map(), trace, options), options, trace);
        if (level === "graph") return print(expanded.main);
        const planned = back(expanded, name, trace, level === "wgsl" ? { device: "gpu" } : options);
        switch (level) {
          case "kernel":
            return [planned.text, ...costOf(expanded, planned)].join("\n");
          case "loop":
            return planned.kernels.map(printLoop).join("\n");
          case "plan":
            return printPlan(planned.stage);
          case "wat":
            return textIn(planned, "relaxed", options);
          case "wgsl":
            return textOf(onGpu(planned, name, trace));
          default:
            return level satisfies never;
        }
      };
      const texts = works.map((work, i) => {
        if (work.needs.length) return waits(work, i);
        return i === 0 ? shown(work, "stage0") : `stage ${i}:\n${shown(work, `stage${i}`)}`;
      });
      return texts.join("\n");
    },
  );
  return { ...more, ...(made === undefined ? {} : { text: made }) };
}
function sqlText(query: Rel): string {
  const { columns, from, order, scans } = duckdbQuery(query);
  const files = scans.map((s, i) => `-- hsc_scan${i}: ${s.format} ${s.paths.join(", ")}\n`);
  const named = columns.map(([name], i) => `c${i} AS ${JSON.stringify(name)}`);
  return `${files.join("")}SELECT ${named.join(", ") || "1"}\nFROM ${from}${order ? `\n${order}` : ""}`;
}
/** which symbols a stage waits for */
function waits(work: Work, i: number): string {
  const named = work.needs.map(id => `\`${id}\``).join(", ");
  return `stage ${i} waits for ${named}: it is compiled when the data are seen`;
}

interface Program {
  readonly core: CoreProgram;
  readonly host: Host;
  /** numbers of the symbols that headers of files tell */
  readonly known: Dims;
}
function opened(file: string, host: Host, options: CompileOptions): Told & { readonly program?: Program } {
  let told: Checked = { core: undefined, diagnostics: [], texts: new Map() };
  const { made, diagnostics } = guarded(
    told,
    file,
    options,
    () => host.text(file),
    (trace): Program | undefined => {
      told = trace(
        "check",
        () => check(file, host, { set: options.set, prelude: options.prelude, trees: options.trees }),
        c => (c.core ? coreText(c.core) : ""),
      );
      const checked = told.core;
      if (!checked) return undefined;
      const core = trace("engine", () => segment(checked), coreText);
      return { core, host, known: fileDims(core, host) };
    },
  );
  const all = { diagnostics: [...told.diagnostics, ...diagnostics], texts: told.texts };
  return made ? { ...all, program: made } : all;
}
function lowered({ core, host, known }: Program, work: Work, dims: Dims, trace: Trace, options: CompileOptions): Stage {
  resetPool();
  for (const id of work.needs) {
    const n = dims.get(id);
    const span = core.symbols.find(s => s.id === id)?.span;
    if (n !== undefined && span && !(n >= 0 && Number.isInteger(n)))
      throw new Refusal([diagnostic("dims", `a dim is a whole number from 0 on: \`${id}\` is ${n}`, span)]);
  }
  return trace(
    "lower",
    () => withQueries(lower(core, new Map([...known, ...dims]), host, work)),
    s => print(s.main, { spans: options.spans ?? false }),
  );
}

/** what is thrown for the user becomes a diagnostic. made: absent after --stop-after, and where the program is wrong */
function guarded<T>(
  told: Told,
  file: string,
  options: CompileOptions,
  text: () => string,
  run: (trace: Trace) => T,
): Told & { readonly made?: T } {
  const { trace, times } = tracing(options, text, e => e instanceof HostError || messages(e, file) !== undefined);
  try {
    return { ...told, made: run(trace) };
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
  return stage;
}
function back(
  stage: Stage,
  name: string,
  trace: Trace,
  { device, profile = AVX2 }: Pick<CompileOptions, "device" | "profile">,
  made: (k: LoopKernel) => void = () => {},
): Planned {
  const cpu: Target = {
    ...CPU,
    tile: k => tile(k, profile),
    phases: (kernels, placed, later, strips) => schedule(kernels, placed, later, strips ? stripsFor(profile) : WHOLE),
  };
  return trace(
    "plan",
    () => planStage(stage, name, { target: device === "gpu" ? GPU : cpu, trace, made }),
    p => printPlan(p.stage),
  );
}
const onGpu = ({ stage, kernels }: Planned, name: string, trace: Trace): GpuStage =>
  trace("wgsl", () => forGpu(stage, kernels, name), textOf);
const textOf = (g: GpuStage): string => [...g.modules].map(([name, text]) => `// ${name}\n${text}`).join("\n");
function costOf({ main }: Stage, { stage, kernels }: Planned): readonly string[] {
  const line = stepCost(main, stage, name => kernels.find(k => k.name === name));
  return line === undefined ? [] : [line];
}
/** what the modules of a stage are written for */
export const form = (build: Build): Form => ({ build, shared: true, exportKernels: true });
const textIn = ({ stage, kernels, phases }: Planned, build: Build, { assembler }: CompileOptions): string =>
  assembler().text({ kernels, phases, regions: stage.regions, ...form(build) });

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
