/**
 * A program as a run asks for it: stage after stage, each with the numbers of its symbols. From a bundle, where the numbers must be those
 * that it was compiled for; or from the cache, and where that has no such stage from the compiler, which is imported only then.
 */

import { readFileSync } from "node:fs";
import type { Dims, Outline, Plan, PlanStage, PlanStep } from "../ir/plan.ts";
import type { Bundle } from "./bundle.ts";
import type { Answer, Cache, Entry, Key } from "./cache.ts";
import { startCrew } from "./crew.ts";
import { startEngine } from "./engine/duckdb.ts";
import { RuntimeDiagnostic } from "./error.ts";
import type { Stamping } from "./host.ts";
import { mark } from "./marks.ts";

export interface StageBundle {
  readonly stage: PlanStage;
  /** the bytes of a module by its file name */
  readonly module: (name: string) => Uint8Array;
}
export interface Stages {
  readonly plan: Omit<Plan, "stages">;
  readonly outline: Outline;
  /** asked in the order of the stages; `dims`: of the symbols that the outline names */
  readonly stage: (i: number, dims: Dims) => Promise<StageBundle>;
}

/** `compiler`: of the stages that the bundle has not yet */
export function stagesOfBundle({ plan, module }: Bundle, compiler: Parts["compiler"]): Stages {
  const outline = plan.later?.outline ?? outlineOf(plan);
  let working: Compiler | undefined;
  return {
    plan,
    outline,
    stage: async (i, dims) => {
      const stage = plan.stages[i];
      if (!stage) {
        working ??= await compiler();
        if (JSON.stringify(working?.outline.needs) !== JSON.stringify(outline.needs))
          throw new RuntimeDiagnostic("the program was compiled for other data", {
            help: "hsc compile it again, or hsc run the program itself",
          });
        const made = working!.stage(i, dims);
        if (!made) throw new Error("internal: the compiler stopped before a stage that is to be played");
        return { stage: made.stage, module: name => made.modules.get(name)! };
      }
      const other = [...dims].filter(([name, n]) => stage.needs[name] !== n);
      if (other.length)
        throw new RuntimeDiagnostic(
          `the program was compiled for other data: ${other.map(([name, n]) => `\`${name}\` is ${n} now and was ${stage.needs[name]}`).join(", ")}`,
          { help: "hsc compile it again, or hsc run the program itself" },
        );
      return { stage, module };
    },
  };
}
/** of a plan with all its stages */
export function outlineOf({ stages }: Pick<Plan, "stages">): Outline {
  const all = (steps: readonly PlanStep[]): readonly PlanStep[] =>
    steps.flatMap(s => (s.k === "loop" ? [s, ...all(s.body)] : [s]));
  const steps = stages.flatMap(s => all(s.steps));
  return {
    needs: stages.map(s => Object.keys(s.needs)),
    saves: steps.flatMap(s => (s.k === "save" ? [{ path: s.path, span: s.span }] : [])),
    checkpoints: steps.some(s => s.k === "loop" && s.checkpoint !== undefined),
    effects: steps.some(s => s.k === "print" || s.k === "save"),
  };
}

/** the compiler at work on one program */
export interface Compiler extends Pick<Stages, "plan" | "outline"> {
  readonly warnings: string;
  /** what it was answered until now */
  readonly answers: () => readonly Answer[];
  /** undefined: it was told to stop before */
  readonly stage: (
    i: number,
    dims: Dims,
  ) => { readonly stage: PlanStage; readonly modules: ReadonlyMap<string, Uint8Array> } | undefined;
}
export interface Parts {
  readonly key: Key;
  readonly host: Stamping;
  readonly cache: Cache | undefined;
  /** undefined: it was told to stop before there are stages */
  readonly compiler: () => Promise<Compiler | undefined>;
  /** those of a compile that the cache knows */
  readonly warn: (warnings: string) => void;
}
export async function stagesOfProgram({ key, host, cache, compiler, warn }: Parts): Promise<Stages | undefined> {
  if (names(key.file, /\b(parquet|json|text)\s*\(/)) startEngine();
  if (names(key.file, /\bcsv\s*\(/)) startCrew();
  const hit = cache?.find(key, host);
  mark("cache asked");
  if (hit?.warnings) warn(hit.warnings);
  // a table of a program that is compiled anew is looked at by the engine, others may be read without it
  if (hit ? hit.bundle.plan.stages.some(asksEngine) : names(key.file, /\bcsv\s*\(/)) startEngine();
  const c = hit ? undefined : await compiler();
  if (!hit && !c) return undefined;
  /** of the stage before */
  let before: Entry | undefined = hit;
  let working = c;
  let said = 0;
  const compiled = (i: number, dims: Dims): StageBundle | undefined => {
    const made = working!.stage(i, dims);
    if (!made) return undefined;
    const { plan, outline, warnings, answers } = working!;
    const own = answers().slice(said);
    said = answers().length;
    const bundle = { plan: { ...plan, stages: [made.stage] }, modules: made.modules };
    if (cache)
      before =
        i === 0 ? cache.store(key, own, bundle, outline, warnings) : cache.storeNext(key, before!, dims, own, bundle);
    return { stage: made.stage, module: name => made.modules.get(name)! };
  };
  const first: StageBundle | undefined = hit ? one(hit) : compiled(0, new Map());
  if (!first) return undefined;
  const { plan, outline } = hit ? { plan: hit.bundle.plan, outline: hit.outline } : c!;
  return {
    plan,
    outline,
    stage: async (i, dims) => {
      if (i === 0) return first;
      const found = before && cache?.findNext(before, dims, host);
      if (found) {
        before = found;
        return one(found);
      }
      if (!working) {
        working = await compiler();
        if (!working) throw new Error("internal: the compiler stopped before a stage that is to be played");
        said = working.answers().length;
        if (hit) expectSame(hit.answers, working.answers());
      }
      return compiled(i, dims)!;
    },
  };
}
const asksEngine = ({ sources }: PlanStage): boolean => sources.some(s => s.format === "engine");
/** a guess, so that the engine loads while other things are done */
function names(file: string, what: RegExp): boolean {
  try {
    return what.test(readFileSync(file, "utf8"));
  } catch {
    return false; // who reads it says what is wrong with it
  }
}
const one = ({ bundle }: Entry): StageBundle => ({ stage: bundle.plan.stages[0]!, module: bundle.module });
/** a program that was edited while its first stages ran must not lend them its last */
function expectSame(then: readonly Answer[], now: readonly Answer[]): void {
  const texts = new Map(now.flatMap(a => (a.k === "text" ? [[a.path, a.sha256] as const] : [])));
  for (const a of then)
    if (a.k === "text" && texts.get(a.path) !== a.sha256)
      throw new RuntimeDiagnostic(`${a.path} was changed while the program ran`, { help: "run it again" });
}
