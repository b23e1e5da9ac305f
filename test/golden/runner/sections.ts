/**
 * What each kind of section holds, made anew from the program:
 *
 *   run [--seed n] [--set a=b]    what `hsc run` prints: stdout; then stderr and the exit code where there is one to speak of
 *   error [..]                    what `hsc check` says of a wrong program, or `hsc run` of one that fails, and the exit code
 *   after <pass>                  the program after the first run of that pass
 *   places <pass>                 each op of GRAPH after that pass, with the lines and columns of the program that it comes from
 *   core sql graph kernel loop plan wat wgsl    `hsc explain --level`
 *   weights                       `hsc explain --weights`
 *   count <pass or level>         how often each op that is listed below occurs: the lines choose, `--bless` counts;
 *                                 of `count kernel` also step.kernels, step.megabytes, op-by-op.kernels, op-by-op.megabytes
 */
import type { Section } from "./file.ts";
import { type Asked, after, explained, type Ran, ran } from "./machine.ts";

type Place = Pick<Asked, "folder" | "file">;
const LEVELS = ["core", "sql", "graph", "kernel", "loop", "plan", "wat", "wgsl"];

export async function regenerated({ head, body }: Section, place: Place): Promise<Section> {
  const [kind, ...words] = head.split(" ") as [string, ...string[]];
  const asked = { ...place, ...flags(words) };
  const what = words.find((w, i) => !w.startsWith("--") && !words[i - 1]?.startsWith("--"));
  return { head, body: (await text(kind, what, asked, body)).replace(/\n+$/, "") };
}
async function text(kind: string, what: string | undefined, asked: Asked, body: string): Promise<string> {
  if (LEVELS.includes(kind)) return explained(asked, { level: kind });
  switch (kind) {
    case "run":
      return shown(await ran(asked));
    case "error": {
      const r = await ran(asked);
      return `${r.err}\nexit ${r.code}`;
    }
    case "weights":
      return explained(asked, { weights: true });
    case "after":
      return after(asked, what!);
    case "places":
      return places(after(asked, what!, true));
    case "count":
      return counts(LEVELS.includes(what!) ? explained(asked, { level: what! }) : after(asked, what!), body);
    default:
      throw new Error(`no section is named ${kind}`);
  }
}
function flags(words: readonly string[]): Pick<Asked, "seed" | "set"> {
  const set = new Map<string, string>();
  let seed = 0;
  words.forEach((w, i) => {
    const value = words[i + 1] ?? "";
    if (w === "--seed") seed = Number(value);
    if (w === "--set") set.set(value.slice(0, value.indexOf("=")), value.slice(value.indexOf("=") + 1));
  });
  return { seed, set };
}
function shown(r: Ran): string {
  const err = r.err ? `stderr:\n${r.err}` : "";
  return [r.out, err, r.code ? `exit ${r.code}` : ""].filter(Boolean).join("\n");
}
/** `(%2 mul x0 %1 :at (at "a.hs" 20 27 2 9))` as `mul 2:9`, once for equal lines */
function places(graph: string): string {
  const lines = [...graph.matchAll(/^\s*\(%\d+ ([\w.]+).*?( :at .*)?\)$/gm)].map(([, op, at = ""]) => {
    const spans = [...at.matchAll(/\(at "([^"]*)" \d+ \d+ (\d+) (\d+)\)/g)];
    return [
      op,
      ...spans.map(([, file, line, column]) => `${/prelude/.test(file!) ? `${file} ` : ""}${line}:${column}`),
    ].join(" ");
  });
  return [...new Set(lines)].join("\n");
}
/** the op that a line of GRAPH, KERNEL, LOOP or PLAN text makes; `kernels` counts them all */
const OCCURS = [/^\s*\(%\d+ ([\w.]+)/, /^kernel k\d+_(\w+)/, /^\s*\{ k: "(\w+)"/, /^\s*k: "(\w+)"/];
/** what `explain` says of a training step: counts by themselves */
const STEP = /^step of \d+ records: (\d+) kernels move ([\d.]+) MB; op by op (\d+) kernels would move ([\d.]+) MB$/;
const STEP_COUNTS = ["step.kernels", "step.megabytes", "op-by-op.kernels", "op-by-op.megabytes"];
function counts(from: string, body: string): string {
  const found = new Map<string, number>();
  const add = (name: string): unknown => found.set(name, (found.get(name) ?? 0) + 1);
  for (const line of from.split("\n")) {
    const step = STEP.exec(line);
    step?.slice(1).forEach((x, i) => {
      found.set(STEP_COUNTS[i]!, Number(x));
    });
    const name = OCCURS.map(r => r.exec(line)?.[1]).find(n => n !== undefined);
    if (name !== undefined) add(name);
    if (line.startsWith("kernel ")) add("kernels");
  }
  const wanted = body ? body.split("\n").map(l => l.split(" ")[0]!) : [...found.keys()].sort();
  return wanted.map(w => `${w} ${found.get(w) ?? 0}`).join("\n");
}
