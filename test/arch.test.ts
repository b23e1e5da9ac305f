/** The architecture as tests: each rule over the tree, and each rule seen to fail on a planted violation. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { allOps } from "../src/ir/ops/index.ts";
import * as rules from "./arch/rules.ts";
import { scan } from "./arch/scan.ts";

const root = join(import.meta.dirname, "..");
const tree = globSync("{src,bin,test,bench}/**/*.ts", { cwd: root })
  .sort()
  .map(path => scan(path, readFileSync(join(root, path), "utf8")));
const ops = allOps().map(o => o.name);

interface Case {
  readonly rule: rules.Rule;
  readonly says: string;
  /** text by path, each breaking the rule, and what must be said of it */
  readonly broken: readonly (readonly [files: Readonly<Record<string, string>>, said: string])[];
  /** looks alike, and is allowed */
  readonly fine?: readonly Readonly<Record<string, string>>[];
}
const CASES: readonly Case[] = [
  {
    rule: rules.layers,
    says: "each file imports only what its layer may",
    broken: [
      [{ "src/ir/a.ts": 'import type { P } from "../passes/pass.ts";' }, "src/ir/a.ts (ir) imports src/passes/pass.ts"],
      [
        { "src/passes/a.ts": 'export { f } from "../frontend/b.ts";' },
        "src/passes/a.ts (passes) imports src/frontend/b.ts",
      ],
      [
        { "src/runtime/a.ts": 'import { make } from "../ir/node.ts";' },
        "src/runtime/a.ts (runtime) imports src/ir/node.ts",
      ],
      [
        { "src/codegen/wgsl/a.ts": 'import "../wasm/func.ts";' },
        "src/codegen/wgsl/a.ts (codegen/wgsl) imports src/codegen/wasm/func.ts",
      ],
      [{ "src/passes/a.ts": 'import { join } from "node:path";' }, "src/passes/a.ts (passes) imports node:path"],
      [{ "src/compile.ts": 'const f = await import("node:fs");' }, "src/compile.ts (compile) imports node:fs"],
      [
        { "src/ir/a.ts": 'let x: import("../frontend/ast.ts").Program;' },
        "src/ir/a.ts (ir) imports src/frontend/ast.ts",
      ],
      [{ "src/frontend/a.ts": 'import binaryen from "binaryen";' }, "src/frontend/a.ts (frontend) imports binaryen"],
      [{ "src/elsewhere/a.ts": "" }, "src/elsewhere/a.ts lies in no layer"],
    ],
    fine: [
      { "src/runtime/a.ts": 'import type { Plan } from "../ir/plan.ts"; import { join } from "node:path";' },
      { "src/passes/a.ts": 'import { make } from "../ir/node.ts"; // import "../frontend/ast.ts"' },
    ],
  },
  {
    rule: rules.cycles,
    says: "no import cycles, types apart",
    broken: [
      [
        {
          "src/ir/a.ts": 'import { b } from "./b.ts";',
          "src/ir/b.ts": 'export * from "./c.ts";',
          "src/ir/c.ts": 'import "./a.ts";',
        },
        "src/ir/a.ts -> src/ir/b.ts -> src/ir/c.ts -> src/ir/a.ts",
      ],
    ],
    fine: [{ "src/ir/a.ts": 'import type { B } from "./b.ts";', "src/ir/b.ts": 'import { a } from "./a.ts";' }],
  },
  {
    rule: rules.purity,
    says: "no clock, chance or machine in the pure layers",
    broken: [
      [{ "src/ir/a.ts": "const t = Date.now();" }, "src/ir/a.ts:1 uses Date"],
      [{ "src/passes/a.ts": "\nconst r = () => Math.random();" }, "src/passes/a.ts:2 uses Math.random"],
      [{ "src/frontend/a.ts": "f(process.env.X, { console });" }, "src/frontend/a.ts:1 uses process"],
      [{ "src/codegen/wasm/a.ts": "f({ console });" }, "src/codegen/wasm/a.ts:1 uses console"],
    ],
    fine: [
      { "src/ir/a.ts": "interface A { process: number } const a = { Date: Math.max(1, x.performance) };" },
      { "src/runtime/a.ts": "const t = Date.now();" },
    ],
  },
  {
    rule: rules.lateImports,
    says: "nothing loaded with cli.ts needs what only a compile does",
    broken: [
      [
        {
          "src/cli.ts": 'import { run } from "./runtime/run.ts";',
          "src/runtime/run.ts": 'export * from "./gpu.ts";',
          "src/runtime/gpu.ts": 'import { type GPU } from "webgpu/x.js";',
        },
        "src/cli.ts -> src/runtime/run.ts -> src/runtime/gpu.ts -> webgpu",
      ],
    ],
    fine: [
      {
        "src/cli.ts":
          'import type { S } from "./session.ts"; const s = await import("./session.ts"); import("commander");',
        "src/session.ts": 'import "binaryen";',
      },
    ],
  },
  {
    rule: rules.opNames(ops),
    says: "an op has a name in its record only",
    broken: [
      [
        { "src/passes/a.ts": 'if (n.op.name === "map") f();' },
        "src/passes/a.ts asks for the name of an op: .op.name ===",
      ],
      [{ "src/passes/a.ts": "\nconst views = [`reshape`];" }, 'src/passes/a.ts:2 names the op "reshape"'],
      [
        { "src/passes/a.ts": 'import { op } from "../ir/ops/registry.ts";' },
        "src/passes/a.ts imports the table of ops from src/ir/ops/registry.ts",
      ],
      [
        { "src/frontend/a.ts": 'import * as g from "../ir/ops/index.ts"; g.op("x");' },
        "src/frontend/a.ts:1 uses the table of ops",
      ],
    ],
    fine: [
      { "src/frontend/a.ts": 'const core = "reshape";' },
      { "src/ir/k.ts": 'type K = { k: "gather" };', "src/passes/a.ts": 'k.k === "gather"' },
    ],
  },
  {
    rule: rules.unusedExports,
    says: "every export is imported somewhere",
    broken: [
      [{ "src/ir/a.ts": "export const [a, { b: c }] = f(); a; c;" }, "src/ir/a.ts exports c, which nothing imports"],
      [{ "src/ir/a.ts": "export interface A { x: 1 }" }, "src/ir/a.ts exports A, which nothing imports"],
      [
        { "src/ir/a.ts": "export const a = 1, b = 2;", "src/ir/b.ts": 'import * as x from "./a.ts"; f(x.b);' },
        "src/ir/a.ts exports a, which nothing imports",
      ],
    ],
    fine: [
      { "src/ir/a.ts": "interface B extends A {} export interface A { x: 1 }" },
      {
        "src/ir/a.ts": "export const a = 1;",
        "src/ir/b.ts": 'export * from "./a.ts";',
        "test/a.ts": 'import { a } from "../src/ir/b.ts";',
      },
    ],
  },
  {
    rule: rules.docstrings,
    says: "every file opens with what it is for",
    broken: [
      [{ "test/a.ts": 'import "x";\n/** late */' }, "test/a.ts opens without a doc comment"],
      [{ "test/a.ts": "/** */\nf();" }, "test/a.ts opens without a doc comment"],
    ],
  },
];
const sourcesOf = (files: Readonly<Record<string, string>>) => Object.entries(files).map(([p, t]) => scan(p, t));

describe.each(CASES)("$says", c => {
  test("in this tree", () => expect(c.rule(tree)).toEqual([]));
  test.each(c.broken)("not in %o", (files, said) => expect(c.rule(sourcesOf(files))).toContain(said));
  test.each(c.fine ?? [])("but in %o", files => expect(c.rule(sourcesOf(files))).toEqual([]));
});

test("long files are listed", () => {
  const long = rules.longFiles(tree);
  console.log(`files over 400 lines:\n${long.join("\n")}`);
  expect(rules.longFiles(sourcesOf({ "src/a.ts": "\n".repeat(401) }))).toEqual(["401 src/a.ts"]);
});
