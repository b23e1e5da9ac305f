/** A program's text to its plan and modules: check, lower, passes, plan, code. The pipeline, not a pass, verifies. */
import { assemble } from "./codegen/wasm/module.ts";
import { check } from "./frontend/check/index.ts";
import { coreText, weightsText } from "./frontend/core-text.ts";
import type { Diagnostic } from "./frontend/diagnostics/diagnostic.ts";
import { fileDims, lower, Refusal } from "./frontend/lower/index.ts";
import type { Host } from "./ir/host.ts";
import { printLoop } from "./ir/loop-text.ts";
import { resetPool } from "./ir/node.ts";
import type { Plan } from "./ir/plan.ts";
import type { Stage } from "./ir/stage.ts";
import { print } from "./ir/text.ts";
import { assertValid } from "./ir/verify.ts";
import { passes } from "./passes/index.ts";
import { type Planned, planStage } from "./passes/plan.ts";

export interface CompileOptions {
  readonly set: Readonly<Record<string, string>>;
  readonly prelude: Readonly<Record<string, string>>;
  readonly printAfter?: readonly string[] | undefined;
  readonly stopAfter?: string | undefined;
  readonly time?: boolean | undefined;
  readonly write?: (text: string) => unknown;
}
export interface Compiled {
  readonly plan?: Plan;
  readonly modules: Map<string, Uint8Array>;
  readonly diagnostics: readonly Diagnostic[];
  readonly texts: ReadonlyMap<string, string>;
}

type Front = ReturnType<typeof check> & { stage?: Stage };
function front(file: string, host: Host, options: CompileOptions): Front {
  resetPool();
  const checked = check(file, host, { set: options.set, prelude: options.prelude });
  if (!checked.core) return checked;
  try {
    return { ...checked, stage: lower(checked.core, fileDims(checked.core, host), host) };
  } catch (e) {
    if (e instanceof Refusal)
      return { ...checked, core: undefined, diagnostics: [...checked.diagnostics, ...e.diagnostics] };
    throw e;
  }
}
function middle(stage: Stage, options: CompileOptions): Stage | undefined {
  for (const p of passes) {
    const started = performance.now();
    const next = p.run(stage);
    assertValid(next.main, p.to, p.name, false);
    stage = next;
    if (options.time) options.write?.(`${p.name}: ${(performance.now() - started).toFixed(1)} ms\n`);
    if (options.printAfter?.includes(p.name)) options.write?.(`${print(stage.main)}\n`);
    if (options.stopAfter === p.name) return undefined;
  }
  return stage;
}

export function compile(file: string, host: Host, options: CompileOptions): Compiled {
  const { core, stage, diagnostics, texts } = front(file, host, options);
  const modules = new Map<string, Uint8Array>();
  const expanded = stage && middle(stage, options);
  if (!core || !expanded) return { modules, diagnostics, texts };
  const planned = planStage(expanded, "stage0");
  const { regions } = planned.stage;
  for (const build of ["relaxed", "simd"] as const)
    modules.set(
      planned.stage.modules[build],
      assemble({ kernels: planned.kernels, phases: planned.phases, regions, build, shared: true }),
    );
  const params = core.params.map(p => ({
    name: p.name,
    type: p.type.k === "string" ? "string" : p.type.elem,
    value: p.value,
    ...(p.fixed ? { fixed: "a dim, a schema or a branch depends on it" } : {}),
  }));
  const plan: Plan = { version: 1, hsc: "0.1.0", profile: "cpu", base: ".", params, stages: [planned.stage] };
  return { plan, modules, diagnostics, texts };
}
export interface Explained {
  readonly text?: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly texts: ReadonlyMap<string, string>;
}
export function explain(
  file: string,
  host: Host,
  options: CompileOptions & { level?: string | undefined; weights?: boolean | undefined },
): Explained {
  const { core, stage, diagnostics, texts } = front(file, host, options);
  if (!core || !stage) return { diagnostics, texts };
  if (options.weights) return { text: weightsText(core), diagnostics, texts };
  if (options.level === "core") return { text: coreText(core), diagnostics, texts };
  const expanded = middle(stage, options)!;
  if (options.level === "graph") return { text: print(expanded.main), diagnostics, texts };
  const planned: Planned = planStage(expanded, "stage0");
  if (options.level === "loop") return { text: planned.kernels.map(printLoop).join("\n"), diagnostics, texts };
  if (options.level === "plan") return { text: JSON.stringify(planned.stage, null, 1), diagnostics, texts };
  return { text: planned.text, diagnostics, texts };
}
