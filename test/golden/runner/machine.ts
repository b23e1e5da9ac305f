/** A program through the compiler and the player in this process, with what the command line would print. Knows no golden. */
import { dirname, join } from "node:path";
import { here } from "../../../src/codegen/wasm/module.ts";
import { begin, compile, explain } from "../../../src/compile.ts";
import { failureText } from "../../../src/failure.ts";
import type { Diagnostic } from "../../../src/frontend/diagnostics/diagnostic.ts";
import { render } from "../../../src/frontend/diagnostics/render.ts";
import { type Host, HostError } from "../../../src/ir/host.ts";
import type { Dims, PlanStage } from "../../../src/ir/plan.ts";
import { RuntimeDiagnostic } from "../../../src/runtime/error.ts";
import { nodeHost } from "../../../src/runtime/host.ts";
import { preludeTexts } from "../../../src/runtime/prelude.ts";
import { runStages } from "../../../src/runtime/run.ts";
import type { StageBundle } from "../../../src/runtime/stages.ts";
import type { Terminal } from "../../../src/runtime/status.ts";

const prelude = preludeTexts();

/** a status line without what depends on the clock */
const timeless = (line: string): string => line.replace(/ {2}\S+ records\/s.*$/, "");
/** where lines that come by the clock are overwritten, and those that stay end */
const terminalOf = (err: string[]): Terminal => ({
  isTTY: true,
  write: text => text.endsWith("\n") && err.push(timeless(text.trimEnd())),
});

export interface Asked {
  readonly folder: string;
  /** in the folder; frames show this name */
  readonly file: string;
  readonly set: ReadonlyMap<string, string>;
  readonly seed: number;
  /** path of the run's log */
  readonly log?: string;
}
export interface Ran {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}
const hostOf = (folder: string): Host => {
  const host = nodeHost(folder);
  return { ...host, text: path => host.text(join(folder, path)) };
};
const optionsOf = (a: Asked) => ({ set: Object.fromEntries(a.set), prelude, assembler: () => here });
/** relaxed multiply-add may round once or twice, as the processor has it; plain SIMD rounds alike on every machine */
const plain = (s: PlanStage): PlanStage => ({ ...s, modules: { relaxed: s.modules.simd, simd: s.modules.simd } });
/** a stage is wrong; the message is the whole text */
class Wrong extends Error {}
interface Told {
  readonly diagnostics: readonly Diagnostic[];
  readonly texts: ReadonlyMap<string, string>;
}
const messages = (t: Told): string => render(t.diagnostics, f => t.texts.get(f));
const isWrong = (t: Told): boolean => t.diagnostics.some(d => d.severity !== "warning");

/** as `hsc run`; paths as they are seen from the program's folder */
export async function ran(asked: Asked): Promise<Ran> {
  const r = await played(asked);
  const { folder } = asked;
  return { ...r, err: r.err.replaceAll(`${folder}/`, "").replaceAll(`${dirname(folder)}/`, "../") };
}
async function played(asked: Asked): Promise<Ran> {
  const { file, folder, seed, set, log } = asked;
  const out: string[] = [];
  const err: string[] = [];
  const failed = (message: string, code: number): Ran => ({
    out: out.join("\n"),
    err: [...err, message].join("\n"),
    code,
  });
  try {
    const { staged, ...told } = begin(file, hostOf(folder), optionsOf(asked));
    if (isWrong(told)) return failed(messages(told), 2);
    if (told.diagnostics.length) err.push(messages(told));
    const { outline } = staged!;
    const print = (line: string): unknown => out.push(line);
    const stage = async (i: number, dims: Dims): Promise<StageBundle> => {
      const c = staged!.stage(i, dims);
      if (!c.stage) throw new Wrong(messages(c));
      return { stage: plain(c.stage), module: name => c.modules.get(name)! };
    };
    const program = { plan: staged!.plan, outline, stage };
    await runStages(program, { folder, seed, set, log, threads: 1, print, terminal: terminalOf(err) });
    return { out: out.join("\n"), err: err.join("\n"), code: 0 };
  } catch (e) {
    if (e instanceof Wrong) return failed(e.message, 2);
    if (e instanceof HostError) return failed(`error: ${e.message}`, 1);
    if (!(e instanceof RuntimeDiagnostic)) throw e;
    return failed(
      failureText(e, f => hostOf(folder).text(f), false),
      e.details.exitCode ?? 1,
    );
  }
}

export function explained(asked: Asked, what: { readonly level?: string; readonly weights?: boolean }): string {
  const e = explain(asked.file, hostOf(asked.folder), { ...optionsOf(asked), ...what });
  if (e.text === undefined || isWrong(e)) throw new Error(messages(e));
  return e.text;
}
/** the text after the first run of a pass; after all runs of one that is run by parts */
export function after(asked: Asked, pass: string, spans = false): string {
  const texts: string[] = [];
  const write = (t: string): unknown => texts.push(t);
  const options = { ...optionsOf(asked), printAfter: [pass], stopAfter: pass, spans, write };
  const c = compile(asked.file, hostOf(asked.folder), options);
  if (isWrong(c)) throw new Error(messages(c));
  if (!texts.length) throw new Error(`no pass ${pass} ran`);
  return texts.join("\n");
}
