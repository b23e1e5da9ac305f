/** A compiled program on disk: plan.json, versioned, and its modules, each with its hash. `out/` and cache entries. Knows no compiler. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { HostError } from "../ir/host.ts";
import type { Plan } from "../ir/plan.ts";
import { readAll, writeFolder } from "./files.ts";

export interface Bundle {
  readonly plan: Plan;
  /** the bytes of a module by its file name */
  readonly module: (name: string) => Uint8Array;
}
const VERSION = 1;
const PLAN = "plan.json";
export const sha256 = (data: Uint8Array | string): string => createHash("sha256").update(data).digest("hex");
export const isBundle = (folder: string): boolean => existsSync(join(folder, PLAN));

/** JSON has neither NaN nor infinities */
const NUMBER = "$number";
export const encodePlan = (plan: Plan): string =>
  JSON.stringify(plan, (_, v) => (typeof v === "number" && !Number.isFinite(v) ? { [NUMBER]: String(v) } : v));
const decode = (text: string): unknown =>
  JSON.parse(text, (_, v) => (typeof v === "object" && v !== null && NUMBER in v ? Number(v[NUMBER]) : v));

export const inMemory = (plan: Plan, modules: ReadonlyMap<string, Uint8Array>): Bundle => ({
  plan,
  module: name => {
    const bytes = modules.get(name);
    if (!bytes) throw new Error(`internal: the plan names ${name}, which was not compiled`);
    return bytes;
  },
});

/** `program`: the folder that sources and saved files are relative to; `more`: further files, by name */
export function writeBundle(
  folder: string,
  plan: Plan,
  modules: ReadonlyMap<string, Uint8Array>,
  program: string,
  more: ReadonlyMap<string, string> = new Map(),
): void {
  const base = relative(resolve(folder), resolve(program)) || ".";
  const files = Object.fromEntries([...modules].map(([name, bytes]) => [name, sha256(bytes)]));
  const fill = (temporary: string): void => {
    for (const [name, bytes] of modules) writeFileSync(join(temporary, name), bytes, { flush: true });
    for (const [name, text] of more) {
      mkdirSync(dirname(join(temporary, name)), { recursive: true });
      writeFileSync(join(temporary, name), text, { flush: true });
    }
    writeFileSync(join(temporary, PLAN), encodePlan({ ...plan, base, files }), { flush: true });
  };
  writeFolder(folder, fill, isBundle);
}

export function readBundle(folder: string): Bundle {
  const path = join(folder, PLAN);
  const json = parse(path, Buffer.from(readAll(path)).toString());
  if (typeof json !== "object" || json === null || !("version" in json) || !("stages" in json))
    throw new HostError(`${path} is no plan that hsc wrote`);
  if (json.version !== VERSION) {
    const by = "hsc" in json ? `, written by hsc ${json.hsc}` : "";
    throw new HostError(
      `${path} is of plan version ${json.version}${by}; this hsc plays version ${VERSION}: compile it again`,
    );
  }
  const plan = json as Plan; // version 1 has this form; whoever edits it by hand is on his own
  return { plan, module: name => moduleOf(folder, plan, name) };
}
function parse(path: string, text: string): unknown {
  try {
    return decode(text);
  } catch {
    throw new HostError(`${path} is no JSON: it is damaged or cut off`);
  }
}
function moduleOf(folder: string, plan: Plan, name: string): Uint8Array {
  const path = join(folder, name);
  const bytes = readAll(path);
  if (plan.files?.[name] !== sha256(bytes))
    throw new HostError(`${path} is not the module that plan.json was written with`);
  return bytes;
}
