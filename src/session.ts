/**
 * What needs the compiler: check, explain, compile, and a run of which the cache does not know a stage.
 * Joins compile.ts with the runtime; prints the compiler's messages. Knows no pass and no plan step.
 */
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve, sep } from "node:path";
import { assembler, endAssembler } from "./assembler.ts";
import { begin, type CompiledStage, type CompileOptions, explain, form, PASS_NAMES, type Staged } from "./compile.ts";
import type { Diagnostic } from "./frontend/diagnostics/diagnostic.ts";
import { render } from "./frontend/diagnostics/render.ts";
import { HostError } from "./ir/host.ts";
import type { LoopKernel } from "./ir/loop.ts";
import type { Dims, PlanStage } from "./ir/plan.ts";
import { assembled, choose, told } from "./narrow.ts";
import { type Profile, profileOf } from "./passes/profile.ts";
import { peak } from "./peak.ts";
import { sha256, writeBundle } from "./runtime/bundle.ts";
import { cacheFolder, recording } from "./runtime/cache.ts";
import { Broken, Refused, RuntimeDiagnostic } from "./runtime/error.ts";
import { nodeHost } from "./runtime/host.ts";
import { mark } from "./runtime/marks.ts";
import { prelude } from "./runtime/prelude.ts";
import { dimsOf } from "./runtime/run.ts";
import type { Compiler, StageBundle } from "./runtime/stages.ts";
import { tuned } from "./runtime/tuned.ts";
import { type Build, build, WIDENS } from "./runtime/wasm.ts";
import { InternalError } from "./tracing.ts";

/** switches that look into the compiler */
export interface Debug {
  readonly printAfter?: readonly string[] | undefined;
  readonly stopAfter?: string | undefined;
  readonly time?: boolean | undefined;
}
interface Working extends Compiler, Pick<Staged, "dims" | "early"> {
  /** all that was read of the program, by path */
  readonly texts: ReadonlyMap<string, string>;
  readonly stage: (
    i: number,
    dims: Dims,
  ) =>
    | (NonNullable<ReturnType<Compiler["stage"]>> &
        Pick<CompiledStage, "kernels"> & {
          /** of kernels that stay in 128 bits, a line each */
          readonly narrow: readonly string[];
        })
    | undefined;
}
/** of a program that is right, as far as can be said before its data are seen; undefined after --stop-after */
export async function compiler(
  file: string,
  set: ReadonlyMap<string, string>,
  debug: Debug = {},
  device: "cpu" | "gpu" = "cpu",
  builds?: readonly Build[],
  /** that its sources are relative to */
  folder = dirname(file),
): Promise<Working | undefined> {
  const { host, answers } = recording(nodeHost(folder));
  const write = (text: string): boolean => process.stderr.write(`${text}\n`);
  for (const name of [...(debug.printAfter ?? []), ...(debug.stopAfter === undefined ? [] : [debug.stopAfter])])
    if (!PASS_NAMES.includes(name))
      throw new RuntimeDiagnostic(`no pass is named ${name}`, {
        unknown: { name, among: PASS_NAMES },
        notes: [{ message: `the passes: ${PASS_NAMES.join(", ")}` }],
      });
  const { staged, ...told } = unbroken(file, set, () =>
    begin(file, host, { ...shared(set), ...debug, device, builds, write }),
  );
  const warnings = tell(told);
  if (!staged) return undefined;
  return {
    ...staged,
    texts: told.texts,
    warnings,
    answers: () => [...answers],
    stage: (i, dims) => {
      const { stage, modules, kernels, ...more } = unbroken(file, set, () => staged.stage(i, dims));
      const made =
        stage && device === "cpu" && builds?.length === 1 ? timed(stage, modules, kernels, builds[0]!) : undefined;
      if (i === staged.outline.needs.length - 1) endAssembler();
      tell(more);
      if (debug.time) for (const line of made?.narrow ?? []) write(line);
      return stage && { stage, modules: made?.modules ?? modules, kernels, narrow: made?.narrow ?? [] };
    },
  };
}
/** for this machine: each hot kernel in the form in which it is faster here */
function timed(
  stage: PlanStage,
  modules: ReadonlyMap<string, Uint8Array>,
  kernels: readonly LoopKernel[],
  own: Build,
): { readonly modules: ReadonlyMap<string, Uint8Array>; readonly narrow: readonly string[] } | undefined {
  const name = stage.modules[own];
  const module = modules.get(name);
  if (!WIDENS || !module) return undefined;
  const c = { stage, module, kernels, form: form(own) };
  const { open } = assembler();
  const choices = choose(c, open, () => peak()());
  mark("kernels timed");
  if (!choices.length) return undefined;
  return { modules: new Map(modules).set(name, assembled(c, open, choices)), narrow: choices.map(told) };
}
/** a bug of hsc leaves what is needed to look into it */
function unbroken<T>(file: string, set: ReadonlyMap<string, string>, f: () => T): T {
  try {
    return f();
  } catch (e) {
    if (!(e instanceof InternalError)) throw e;
    const saved = join(tmpdir(), `hsc-${sha256(e.before).slice(0, 12)}-before-${e.pass}.txt`);
    writeFileSync(saved, e.before);
    const settings = [...set].map(([name, value]) => ` --set ${quoted(`${name}=${value}`)}`).join("");
    const stack = e.cause instanceof Error ? e.cause.stack?.split("\n").slice(1).join("\n") : undefined;
    throw new Broken(
      [
        `internal error: ${e.pass}: ${e.message}`,
        "note: this is a bug of hsc, not of the program",
        `note: what \`${e.pass}\` was given: ${saved}`,
        `help: to see it again: hsc run ${quoted(file)}${settings} --stop-after ${e.pass}`,
        ...(stack ? [stack] : []),
      ].join("\n"),
    );
  }
}
/** as a shell takes it */
const quoted = (word: string): string => (/^[\w./=:@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
const shared = (set: ReadonlyMap<string, string>) => {
  const { texts, trees } = prelude();
  return {
    set: Object.fromEntries(set),
    prelude: texts,
    trees: trees as CompileOptions["trees"], // as: the parser beside them made them
    profile: ownProfile(),
    assembler,
  };
};
/** of `hsc tune` */
function ownProfile(): Profile | undefined {
  const found = tuned(cacheFolder(process.env));
  if (!found) return undefined;
  const profile = profileOf(found.json);
  if (typeof profile !== "string") return profile;
  throw new RuntimeDiagnostic(`${found.path} is no profile: ${profile}`, { help: "hsc tune" });
}
/** prints all messages; throws where the program is wrong. `texts`: every file that was read */
function tell({
  diagnostics,
  texts,
}: {
  diagnostics: readonly Diagnostic[];
  texts: ReadonlyMap<string, string>;
}): string {
  const text = (colour: boolean): string => render(diagnostics, file => texts.get(file), { colour });
  if (diagnostics.length) process.stderr.write(`${text(process.stderr.isTTY && process.stderr.hasColors())}\n`);
  if (diagnostics.some(d => d.severity !== "warning")) throw new Refused();
  return text(false);
}

export async function compileTo(
  file: string,
  out: string,
  set: ReadonlyMap<string, string>,
  debug: Debug,
  device: "cpu" | "gpu",
): Promise<void> {
  const c = await compiler(file, set, debug, device);
  if (!c) return;
  const first = c.stage(0, new Map());
  if (!first) return;
  const { early, outline } = c;
  const dims = early > 1 ? await dimsToCome(file, set) : new Map<string, number>();
  const more = outline.needs.slice(1, early).map((names, i) => {
    const own = new Map(names.map(name => [name, dims.get(name)!]));
    return c.stage(i + 1, own)!;
  });
  const all = [first, ...more];
  const plan = { ...c.plan, stages: all.map(s => s.stage) };
  const modules = new Map(all.flatMap(s => [...s.modules]));
  if (early === outline.needs.length) return writeBundle(out, plan, modules, dirname(file));
  endAssembler();
  const { program, texts } = textsOf(file, c.texts);
  writeBundle(
    out,
    { ...plan, later: { program, set: Object.fromEntries(set), outline } },
    modules,
    dirname(file),
    texts,
  );
  const waits = [...new Set(outline.needs.slice(early).flat())].filter(id => !dims.has(id));
  const names = waits.map(id => `\`${id}\``).join(", ");
  process.stderr.write(
    `note: ${names} ${waits.length === 1 ? "is" : "are"} decided by a training: what hangs on it is compiled when a run knows the number\n`,
  );
}
/** the texts of a program and of what it imports, each below `program/` as the files lie to each other */
function textsOf(file: string, all: ReadonlyMap<string, string>) {
  const isOwn = (path: string): boolean => path.endsWith(".hs") && !Object.hasOwn(prelude().texts, path);
  const own = [...all].flatMap(([path, text]) =>
    isOwn(path) || path === file ? [[resolve(path), text] as const] : [],
  );
  let root = dirname(resolve(file));
  while (own.some(([path]) => !path.startsWith(join(root, sep)))) root = dirname(root);
  const named = (path: string): string => join("program", relative(root, path));
  return { program: named(resolve(file)), texts: new Map(own.map(([path, text]) => [named(path), text] as const)) };
}
/** the numbers of all symbols, by running the steps on data that they need */
async function dimsToCome(file: string, set: ReadonlyMap<string, string>): Promise<Dims> {
  const c = await compiler(file, set, {}, "cpu", [build()]);
  const staged = c!.dims();
  const stage = async (i: number, dims: Dims): Promise<StageBundle> => {
    const { stage, modules, ...more } = unbroken(file, set, () => staged.stage(i, dims));
    tell(more);
    return { stage: stage!, module: name => modules.get(name)! };
  };
  return dimsOf({ ...staged, stage }, dirname(file));
}
export async function checkProgram(file: string, set: ReadonlyMap<string, string>): Promise<void> {
  const c = await compiler(file, set, {}, "cpu", []);
  c?.stage(0, new Map());
}
export async function explainProgram(
  file: string,
  set: ReadonlyMap<string, string>,
  what: { readonly level?: string | undefined; readonly weights?: boolean | undefined },
): Promise<string> {
  const result = unbroken(file, set, () => explain(file, nodeHost(dirname(file)), { ...shared(set), ...what }));
  tell(result);
  if (result.text === undefined) throw new HostError(`nothing to explain in ${file}`);
  return result.text;
}
