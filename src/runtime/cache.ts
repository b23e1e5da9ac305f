/**
 * Compiled programs by content, so that a program that was compiled before runs without the compiler being imported.
 * A compile is a function of the program's path, the options, the compiler, and what its Host answered: an entry holds the answers,
 * and is valid while the Host still gives them. An entry is one stage: the first goes by that, a later one by the stage before it and the
 * numbers of its symbols. Knows nothing of the compiler.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import type { Host } from "../ir/host.ts";
import type { Dims, Outline, Plan } from "../ir/plan.ts";
import { type Bundle, inMemory, readBundle, sha256, writeBundle } from "./bundle.ts";
import type { Stamping } from "./host.ts";
import type { Build } from "./wasm.ts";

export type Answer =
  | { readonly k: "text"; readonly path: string; readonly sha256: string }
  | {
      readonly k: "schema";
      readonly format: string;
      readonly paths: readonly string[];
      readonly options: Readonly<Record<string, unknown>>;
      readonly sha256: string;
      /** of the files when they were looked at: while it stays they need not be looked at again */
      readonly stamp?: string | undefined;
    };
export interface Recorded {
  readonly host: Host;
  readonly answers: readonly Answer[];
}
/** a Host that remembers what it answered; an error is not an answer, for a program with errors is not cached */
export function recording(host: Stamping): Recorded {
  const answers: Answer[] = [];
  return {
    answers,
    host: {
      text: path => {
        const text = host.text(path);
        answers.push({ k: "text", path, sha256: sha256(text) });
        return text;
      },
      schema: (format, paths, options) => {
        // before: what changes meanwhile is looked at again
        const stamp = host.stamp(paths);
        const schema = host.schema(format, paths, options);
        answers.push({ k: "schema", format, paths, options, sha256: sha256(JSON.stringify(schema)), stamp });
        return schema;
      },
    },
  };
}
/** the answer, with the files' stamp as it is now; undefined: it would be another */
function again(host: Stamping, a: Answer): Answer | undefined {
  try {
    if (a.k === "text") return sha256(host.text(a.path)) === a.sha256 ? a : undefined;
    const stamp = host.stamp(a.paths);
    if (stamp !== undefined && stamp === a.stamp) return a;
    const now = JSON.stringify(host.schema(a.format, a.paths, a.options));
    if (sha256(now) !== a.sha256) return undefined;
    return stamp === a.stamp ? a : { ...a, stamp };
  } catch {
    return undefined; // the compiler will meet the error and say where
  }
}

/** what an entry hangs on beside the answers */
export interface Key {
  readonly file: string;
  readonly build: Build | "wgsl";
  /** the name of the profile that it is compiled with; absent: the one that comes along */
  readonly profile?: string | undefined;
  /** --set: only those that the compiler fixed count */
  readonly set: ReadonlyMap<string, string>;
}
/** a compiled stage */
export interface Entry {
  /** its plan has this one stage */
  readonly bundle: Bundle;
  /** what the compiler was answered for it, beyond what it was for the stages before */
  readonly answers: readonly Answer[];
  /** hash of all that led to it */
  readonly link: string;
}
/** the first stage */
export interface Hit extends Entry {
  readonly outline: Outline;
  /** warnings of the compile, as text */
  readonly warnings: string;
}
export interface Made {
  readonly plan: Plan;
  readonly modules: ReadonlyMap<string, Uint8Array>;
}
export interface Cache {
  readonly find: (key: Key, host: Stamping) => Hit | undefined;
  readonly store: (key: Key, answers: readonly Answer[], made: Made, outline: Outline, warnings: string) => Entry;
  /** the stage after `before`, for these numbers */
  readonly findNext: (before: Entry, dims: Dims, host: Stamping) => Entry | undefined;
  readonly storeNext: (key: Key, before: Entry, dims: Dims, answers: readonly Answer[], made: Made) => Entry;
}

export const cacheFolder = (environment: NodeJS.ProcessEnv): string =>
  environment["HSC_CACHE"] || join(environment["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "hsc");

/** hash of names, sizes and times of the compiler's own files: an edit of hsc makes all entries old */
export function ownStamp(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(e => e.isFile())
    .map(e => join(e.parentPath, e.name))
    .sort();
  return sha256(
    files
      .map(f => {
        const s = statSync(f);
        return `${f} ${s.size} ${s.mtimeMs}`;
      })
      .join("\n"),
  );
}

const ENTRY = "entry.json";
/** entries that are kept, the last used ones */
const MOST = 100;

/** `stamp`: of the compiler. Nothing that goes wrong here may stop a run: a cache that cannot be read or written is an empty one */
export function openCache(folder: string, stamp: string): Cache {
  // both names: messages show the file as it was called, and from where it was called decides what that means
  const program = (key: Key): string =>
    sha256(JSON.stringify([stamp, key.file, resolve(key.file), key.build, key.profile]));
  // which params were fixed is known after a compile only: a small file per program names them
  const namesFile = (key: Key): string => join(folder, `${program(key)}.fixed`);
  const fixedNames = (key: Key): readonly string[] | undefined => {
    const json = readJson(namesFile(key));
    return Array.isArray(json) ? json.map(String) : undefined;
  };
  const entry = (key: Key, names: readonly string[]): string =>
    join(folder, sha256(JSON.stringify([program(key), names.map(n => [n, key.set.get(n) ?? null])])));

  const later = (before: Entry, dims: Dims): string => join(folder, sha256(JSON.stringify([before.link, [...dims]])));
  const linkOf = (at: string, answers: readonly Answer[]): string =>
    sha256(JSON.stringify([basename(at), answers.map(a => ({ ...a, stamp: undefined }))]));

  /** throws where there is no entry, or a damaged one: it is compiled and written anew */
  function read(at: string, host: Stamping): Entry & Stored {
    const stored = readJson(join(at, ENTRY)) as Stored;
    const answers = stored.answers.map(a => {
      const now = again(host, a);
      if (!now) throw new Error("answers have changed");
      return now;
    });
    if (sha256(readFileSync(join(at, "plan.json"))) !== stored.plan) throw new Error("the plan is damaged");
    const { plan, module } = readBundle(at);
    const modules = new Map(Object.keys(plan.files ?? {}).map(n => [n, module(n)] as const));
    if (answers.some((a, i) => a !== stored.answers[i]))
      orNone(() => writeFileSync(join(at, ENTRY), JSON.stringify({ ...stored, answers })));
    utimesSync(at, new Date(), new Date());
    const bundle = { plan, module: (n: string): Uint8Array => modules.get(n) ?? module(n) };
    return { ...stored, answers, bundle, link: linkOf(at, answers) };
  }
  function write(key: Key, at: string, made: Made, answers: readonly Answer[], more: Partial<Stored>): Entry {
    try {
      mkdirSync(folder, { recursive: true });
      rmSync(at, { recursive: true, force: true });
      writeBundle(at, made.plan, made.modules, dirname(key.file));
      const stored: Stored = { ...more, answers, plan: sha256(readFileSync(join(at, "plan.json"))) };
      writeFileSync(join(at, ENTRY), JSON.stringify(stored));
      prune(folder);
    } catch {
      // a full disk or a read-only home: the next run compiles again
    }
    return { bundle: inMemory(made.plan, made.modules), answers, link: linkOf(at, answers) };
  }
  return {
    find: (key, host) => {
      const names = fixedNames(key);
      if (!names) return undefined;
      const found = orNone(() => read(entry(key, names), host));
      const { outline, warnings } = found ?? {};
      return found && outline && warnings !== undefined ? { ...found, outline, warnings } : undefined;
    },
    store: (key, answers, made, outline, warnings) => {
      const fixed = made.plan.params.flatMap(p => (p.fixed === undefined ? [] : [p.name]));
      const names = [...new Set([...(fixedNames(key) ?? []), ...fixed])].sort();
      const stored = write(key, entry(key, names), made, answers, { outline, warnings });
      orNone(() => writeFileSync(namesFile(key), JSON.stringify(names)));
      return stored;
    },
    findNext: (before, dims, host) => orNone(() => read(later(before, dims), host)),
    storeNext: (key, before, dims, answers, made) => write(key, later(before, dims), made, answers, {}),
  };
}
function orNone<T>(f: () => T): T | undefined {
  try {
    return f();
  } catch {
    return undefined;
  }
}
interface Stored {
  readonly answers: readonly Answer[];
  /** hash of plan.json, which in turn holds those of the modules */
  readonly plan: string;
  /** of the first stage */
  readonly outline?: Outline;
  readonly warnings?: string;
}
function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
/** entries, and the files that name what a program's compile fixed; others keep things of their own in the same folder */
const OWN = /^[0-9a-f]{64}(\.fixed)?$/;
function prune(folder: string): void {
  const own = readdirSync(folder, { withFileTypes: true })
    .filter(e => OWN.test(e.name))
    .map(e => ({ isEntry: e.isDirectory(), path: join(folder, e.name) }))
    .map(e => ({ ...e, used: statSync(e.path).mtimeMs }))
    .sort((a, b) => b.used - a.used);
  for (const kind of [true, false])
    for (const { path } of own.filter(e => e.isEntry === kind).slice(MOST))
      rmSync(path, { recursive: true, force: true });
}
