/** The rules of architecture (CONTRIBUTING.md), each a function from all source files to what is wrong. Knows no file system. */
import type { Import, Source } from "./scan.ts";

export type Rule = (sources: readonly Source[]) => readonly string[];

interface Layer {
  readonly name: string;
  readonly files: RegExp;
  /** the paths in src/ that its files may import */
  readonly may: readonly RegExp[];
  readonly packages: readonly string[];
  /** may import node:* */
  readonly machine?: true;
  /** no clock, no chance, no machine: it runs in a browser, and twice the same */
  readonly pure?: true;
}
const ir = /^src\/ir\//;
const runtime = /^src\/runtime\//;
/** what a compiled program needs at run time of ir */
const playing = /^src\/ir\/(type|plan|plan-walk|host|threefry|mix32)\.ts$/;
/** how a message is drawn, the player's as the compiler's: data to text, importing nothing of the language */
const drawing = /^src\/frontend\/diagnostics\/(diagnostic|render)\.ts$/;
/** what `hsc bench` counts and runs beside a program */
const measuring = /^src\/(ir\/loop(-cost|-peak)?|passes\/(cost|profile)|codegen\/wasm\/module)\.ts$/;
export const LAYERS: readonly Layer[] = [
  { name: "ir", files: ir, may: [ir], packages: ["@noble/hashes"], pure: true },
  {
    name: "frontend",
    files: /^src\/frontend\//,
    may: [/^src\/frontend\//, ir],
    packages: ["@noble/hashes", "chevrotain"],
    pure: true,
  },
  { name: "passes", files: /^src\/passes\//, may: [/^src\/passes\//, ir], packages: [], pure: true },
  {
    name: "codegen/wasm",
    files: /^src\/codegen\/wasm\//,
    may: [/^src\/codegen\/wasm\//, ir],
    packages: ["binaryen"],
    pure: true,
  },
  {
    name: "codegen/sql",
    files: /^src\/codegen\/sql\//,
    may: [/^src\/codegen\/sql\//, ir],
    packages: [],
    pure: true,
  },
  {
    name: "codegen/wgsl",
    files: /^src\/codegen\/wgsl\//,
    may: [/^src\/codegen\/wgsl\//, ir],
    packages: [],
    pure: true,
  },
  {
    name: "runtime",
    files: runtime,
    may: [runtime, playing],
    packages: ["webgpu", "@duckdb/node-api", "@duckdb/node-bindings", "@jsquash/jpeg", "@jsquash/png", "apache-arrow"],
    machine: true,
  },
  {
    name: "compile",
    files: /^src\/(compile|tracing|version)\.ts$/,
    may: [/^src\/((compile|tracing|version)\.ts|(frontend|passes|codegen)\/)/, ir],
    packages: [],
  },
  {
    name: "assembler",
    files: /^src\/assembler(-thread)?\.ts$/,
    may: [/^src\/(assembler\.ts|codegen\/wasm\/|runtime\/(code|ending|launch)\.ts)/, ir],
    packages: [],
    machine: true,
  },
  {
    name: "session",
    files: /^src\/(session|failure|bench|tune|narrow|peak)\.ts$/,
    may: [/^src\/(?!cli|options)[^/]+\.ts$/, runtime, playing, drawing, measuring],
    packages: [],
    machine: true,
  },
  {
    name: "cli",
    files: /^src\/(cli|options)\.ts$/,
    may: [/^src\/(session|bench|tune|assembler|failure|options|version)\.ts$/, runtime, playing, drawing],
    packages: ["commander"],
    machine: true,
  },
];
const layerOf = (path: string): Layer | undefined => LAYERS.find(l => l.files.test(path));
const inside = (s: Source): boolean => s.path.startsWith("src/");

export const layers: Rule = sources =>
  sources.filter(inside).flatMap(s => {
    const layer = layerOf(s.path);
    if (!layer) return [`${s.path} lies in no layer`];
    const allowed = (i: Import): boolean =>
      i.from.startsWith("src/")
        ? layer.may.some(m => m.test(i.from))
        : i.from.startsWith("node:")
          ? layer.machine === true
          : layer.packages.includes(i.from);
    return s.imports.filter(i => !allowed(i)).map(i => `${s.path} (${layer.name}) imports ${i.from}`);
  });

/** of what is loaded when a program runs: types may refer to each other */
export const cycles: Rule = sources => {
  const next = new Map(sources.map(s => [s.path, s.imports.filter(i => i.kind !== "type").map(i => i.from)]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) found.push([...trail.slice(at), path].join(" -> "));
    if (at >= 0 || done.has(path)) return;
    for (const n of next.get(path) ?? []) visit(n, [...trail, path]);
    done.add(path);
  };
  for (const s of sources) visit(s.path, []);
  return found;
};

const IMPURE: ReadonlySet<string> = new Set([
  ...["Date", "performance", "process", "console", "crypto", "globalThis", "fetch", "navigator", "require"],
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "Math.random"],
]);
export const purity: Rule = sources =>
  sources
    .filter(s => layerOf(s.path)?.pure)
    .flatMap(s => {
      const own = new Set([...s.exports.map(e => e.name), ...s.imports.flatMap(i => i.names)]);
      return s.names.filter(n => IMPURE.has(n.text) && !own.has(n.text)).map(n => `${s.path}:${n.line} uses ${n.text}`);
    });

/** a program that is in the cache starts in 250 ms: what only a compile needs is imported only then */
const LATE: ReadonlySet<string> = new Set([
  "chevrotain",
  "binaryen",
  "webgpu",
  "duckdb",
  "@duckdb/node-api",
  "@duckdb/node-bindings",
  "apache-arrow",
  "@jsquash/jpeg",
  "@jsquash/png",
  "commander",
]);
export const lateImports: Rule = sources => {
  const byPath = new Map(sources.map(s => [s.path, s]));
  const trails = new Map([["src/cli.ts", "src/cli.ts"]]);
  const found: string[] = [];
  for (const [path, trail] of trails)
    for (const i of byPath.get(path)?.imports ?? []) {
      if (i.kind !== "static") continue;
      if (LATE.has(i.from)) found.push(`${trail} -> ${i.from}`);
      if (!trails.has(i.from)) trails.set(i.from, `${trail} -> ${i.from}`);
    }
  return found;
};

/**
 * Outside of its record an op has no name: passes ask the record. A word that is also one of a closed choice, of ir's types or
 * of the file's own (a primitive, a kind of PLAN step, a role of an axis), is that: names of ops are never compared.
 * Left out: frontend, whose words are those of the language and of Core, many of which GRAPH took over; it makes nodes by typed
 * constructors, because it may not import the table of ops. ir/text.ts, which reads ops by their names.
 */
export const opNames =
  (ops: readonly string[]): Rule =>
  sources => {
    const bare = sources.filter(s => inside(s) && !s.path.startsWith("src/ir/ops/") && s.path !== "src/ir/text.ts");
    const words = new Set(bare.filter(s => s.path.startsWith("src/ir/")).flatMap(s => s.words));
    const names = new Set(ops.filter(o => !words.has(o)));
    const asked = /\.op\.name\s*[=!]==?|switch \([^)]*\.op\.name\)|\.(has|get|includes|indexOf)\([^)]*\.op\.name/g;
    return bare.flatMap(s => [
      ...(s.path.startsWith("src/frontend/") ? [] : s.strings)
        .filter(x => names.has(x.text) && !s.words.includes(x.text))
        .map(x => `${s.path}:${x.line} names the op "${x.text}"`),
      ...[...s.text.matchAll(asked)].map(m => `${s.path} asks for the name of an op: ${m[0]}`),
      ...s.imports
        .filter(i => i.from.startsWith("src/ir/ops/") && i.names.some(n => TABLE.has(n)))
        .map(i => `${s.path} imports the table of ops from ${i.from}`),
      ...s.names
        .filter(n => /^\w+\.(op|apply)$/.test(n.text) && isTable(s, n.text))
        .map(n => `${s.path}:${n.line} uses the table of ops`),
    ]);
  };
const TABLE: ReadonlySet<string> = new Set(["op", "apply"]);
const isTable = (s: Source, name: string): boolean =>
  s.imports.some(i => i.from.startsWith("src/ir/ops/") && i.namespace === name.split(".")[0]);

/** every export is imported by another file, tests among them; a type also belongs to the signatures of its own file */
export const unusedExports: Rule = sources => {
  const byPath = new Map(sources.map(s => [s.path, s]));
  const used = new Set<string>();
  const use = (path: string, name: string): void => {
    const key = `${path}#${name}`;
    if (used.has(key)) return;
    used.add(key);
    const s = byPath.get(path);
    if (!s) return;
    for (const i of s.imports) if (i.handedOn) use(i.from, name);
  };
  for (const s of sources)
    for (const i of s.imports) {
      if (i.handedOn) continue;
      if (!i.names.includes("*")) for (const n of i.names) use(i.from, n);
      else if (i.namespace)
        for (const n of s.names)
          if (n.text.startsWith(`${i.namespace}.`)) use(i.from, n.text.slice(i.namespace.length + 1));
      if (i.names.includes("*") && (!i.namespace || whole(s, i.namespace)))
        for (const e of byPath.get(i.from)?.exports ?? []) use(i.from, e.name);
    }
  return sources
    .filter(inside)
    .flatMap(s =>
      s.exports
        .filter(e => !used.has(`${s.path}#${e.name}`) && !(e.kind === "type" && isMentioned(s, e.name)))
        .map(e => `${s.path} exports ${e.name}, which nothing imports`),
    );
};
const isMentioned = (s: Source, type: string): boolean => s.names.filter(n => n.text === type).length > 1;
/** a namespace used other than by its members */
const whole = (s: Source, namespace: string): boolean => {
  const members = s.names.filter(n => n.text.startsWith(`${namespace}.`)).length;
  return s.names.filter(n => n.text === namespace).length > members + 1; // + 1: its import
};

export const docstrings: Rule = sources =>
  sources.filter(s => !s.documented).map(s => `${s.path} opens without a doc comment`);

export const longFiles = (sources: readonly Source[]): readonly string[] =>
  sources.filter(s => s.lines > 400).map(s => `${s.lines} ${s.path}`);
