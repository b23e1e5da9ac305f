/** docs/prelude.md holds what there is. What docs/ shows runs, and prints what is shown below it; blocks marked `limit` or `error` end in one. The README shows an example. */
import { spawnSync } from "node:child_process";
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { builtins } from "../src/frontend/check/builtins/index.ts";
import { specials } from "../src/frontend/check/index.ts";

const root = join(import.meta.dirname, "..");
const pages = readdirSync(join(root, "docs"))
  .filter(f => f.endsWith(".md"))
  .map(f => `docs/${f}`);

interface Block {
  readonly at: string;
  readonly ends: "" | "limit" | "error";
  readonly program: string;
  /** of the block ```text that follows at once */
  readonly prints: string | undefined;
}
/** blocks that open with ```hs, ```hs limit, ```hs error */
function blocksOf(page: string): readonly Block[] {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^```hs ?(limit|error|)\n([\s\S]*?)^```$(?:\n+```text\n([\s\S]*?)^```$)?/gm)].map(m => ({
    at: `${page}:${text.slice(0, m.index).split("\n").length}`,
    ends: m[1] as Block["ends"], // as: the pattern names them
    program: m[2]!,
    prints: m[3],
  }));
}
const blocks = pages.flatMap(blocksOf);
const folder = mkdtempSync(join(tmpdir(), "hsc-docs-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("programs in the documentation", () => {
  test("are found", () => expect(blocks.filter(b => b.ends === "").length).toBeGreaterThan(5));
  test.each(blocks.map(b => [b.at, b] as const))("%s", { timeout: 120_000 }, (at, b) => {
    const own = join(folder, at.replaceAll(/\W/g, "_"));
    mkdirSync(own);
    symlinkSync(join(root, "examples/data"), join(own, "data"));
    writeFileSync(join(own, "a.hs"), b.program);
    const ran = spawnSync(process.execPath, [join(root, "bin/hsc.cjs"), "run", "a.hs"], {
      cwd: own,
      encoding: "utf8",
      env: { ...process.env, HSC_CACHE: join(own, "cache"), NO_COLOR: "1" },
    });
    if (b.ends) expect(ran.stderr).toMatch(new RegExp(`^${b.ends}: `));
    else expect({ status: ran.status, said: ran.status === 0 ? "" : ran.stderr }).toEqual({ status: 0, said: "" });
    if (b.prints !== undefined) expect(b.ends ? ran.stderr : ran.stdout).toBe(b.prints);
  });
  test("the README's is examples/mnist.hs, and it names every example", () => {
    const [shown] = blocksOf("README.md");
    const mnist = readFileSync(join(root, "examples/mnist.hs"), "utf8");
    expect(shown?.program).toBe(mnist.slice(0, mnist.indexOf("\n//= ")));
    const readme = readFileSync(join(root, "README.md"), "utf8");
    const examples = readdirSync(join(root, "examples")).filter(f => f.endsWith(".hs"));
    expect(examples.filter(f => !readme.includes(`(examples/${f})`))).toEqual([]);
  });
});

test("docs/programs.md has a row for every program, and the tests that it names are there", () => {
  const text = readFileSync(join(root, "docs/programs.md"), "utf8");
  const rows = text.split("\n").filter(l => l.startsWith("| ["));
  const programs = readdirSync(join(root, "test/frontend/programs")).map(f => f.replace(/\.hs$/, ""));
  const named = rows.map(l => /^\| \[(\w+)\]/.exec(l)![1]!);
  expect(named).toEqual(programs.filter(p => /^\d/.test(p)));
  for (const row of rows) {
    const tests = [...row.matchAll(/\]\(\.\.\/(test\/[\w/-]+\.test\.ts)\)/g)].map(m =>
      readFileSync(join(root, m[1]!), "utf8"),
    );
    const name = /^\| \[(\w+)\]/.exec(row)![1]!;
    expect(tests.length, row).toBeGreaterThan(0);
    expect(
      tests.some(t => t.includes(name)),
      row,
    ).toBe(true);
  }
});

interface Defined {
  readonly name: string;
  readonly signature: string;
}
/** the definitions of a file of the prelude, without the types of their results */
function definitionsOf(file: string): readonly Defined[] {
  const text = readFileSync(join(root, "src/frontend/prelude", file), "utf8");
  return [...text.matchAll(/^(?:fn|layer) (\w+)\(/gm)].map(m => {
    const from = m.index + m[0].length;
    let to = from;
    for (let open = 1; open > 0; to++) open += text[to] === "(" ? 1 : text[to] === ")" ? -1 : 0;
    return { name: m[1]!, signature: `${m[1]}(${text.slice(from, to).replaceAll(/\s+/g, " ")}` };
  });
}
describe("docs/prelude.md", () => {
  const page = readFileSync(join(root, "docs/prelude.md"), "utf8");
  const shown = new Set([...page.matchAll(/^\| `([^`]+)` \|/gm)].map(m => m[1]!));
  const files = readdirSync(join(root, "src/frontend/prelude"));
  const prelude = files.map(f => readFileSync(join(root, "src/frontend/prelude", f), "utf8")).join("\n");
  const checks = join(root, "src/frontend/check");
  const check = globSync("*.ts", { cwd: checks })
    .map(f => readFileSync(join(checks, f), "utf8"))
    .join("\n");
  const defined = files.flatMap(definitionsOf);
  const built = [...Object.values(builtins), ...specials.values()].filter(b => !b.notBuilt).map(b => b.signature);
  test("has every function that is built", () => {
    // a function that others of the prelude, or check, call may be a helper of theirs
    const called = (name: string): boolean =>
      (prelude.match(new RegExp(`\\b${name}\\b`, "g")) ?? []).length > 1 || check.includes(`"${name}"`);
    const own = defined.filter(d => !called(d.name)).map(d => d.signature);
    expect([...built, ...own].filter(s => !shown.has(s))).toEqual([]);
  });
  test("has no other, and each as it is", () => {
    const all = new Set([...built, ...defined.map(d => d.signature)]);
    expect([...shown].filter(s => !all.has(s))).toEqual([]);
  });
});
