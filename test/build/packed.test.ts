/** The packed form of hsc: always that of the sources as they are now, made by whoever comes first; and hsc as a package has it. */
import { spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { check } from "../../src/frontend/check/index.ts";
import { coreText } from "../../src/frontend/core-text.ts";
import { parsePrelude } from "../../src/frontend/prelude.ts";
import { preludeTexts } from "../../src/runtime/prelude.ts";
import { hostOf } from "../frontend/checking.ts";
import { programs } from "../frontend/programs.ts";
import { temporary } from "../runtime/temporary.ts";

const root = join(import.meta.dirname, "../..");
let checkout = "";
beforeEach(() => {
  checkout = temporary();
  for (const name of ["bin", "src", "package.json", "package-lock.json"])
    cpSync(join(root, name), join(checkout, name), { recursive: true, preserveTimestamps: true });
  symlinkSync(join(root, "node_modules"), join(checkout, "node_modules"));
});
const environment = (): NodeJS.ProcessEnv => ({ ...process.env, HSC_CACHE: join(checkout, "cache"), NO_COLOR: "1" });
function hsc(...args: readonly string[]): { readonly code: number | null; readonly out: string; readonly err: string } {
  const r = spawnSync(process.execPath, [join(checkout, "bin/hsc.cjs"), ...args], {
    cwd: checkout,
    encoding: "utf8",
    env: environment(),
  });
  return { code: r.status, out: r.stdout, err: r.stderr };
}
const forms = (): readonly string[] => readdirSync(join(checkout, "dist")).filter(n => n !== "current.json");
const VERSION = "src/version.ts";
/** the file with one word for another */
function edit(name: string, from: string, to: string): void {
  const path = join(checkout, name);
  const text = readFileSync(path, "utf8");
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
}

describe("in a checkout", { timeout: 120_000 }, () => {
  test("starts where it is made, but nothing may be written beside it", () => {
    // root writes everywhere, but no file over a folder
    mkdirSync(join(checkout, "dist/current.json/full"), { recursive: true });
    expect(hsc("--version")).toEqual({ code: 0, out: "0.1.0\n", err: "" });
  });
  test("an edit counts at the next start, also one that keeps size and time; what is taken back is found again", () => {
    expect(hsc("--version")).toEqual({ code: 0, out: "0.1.0\n", err: "" });
    const [first] = forms();
    const path = join(checkout, VERSION);
    const { atime, mtime, size } = statSync(path);
    edit(VERSION, "0.1.0", "9.8.7");
    utimesSync(path, atime, mtime);
    expect([statSync(path).size, statSync(path).mtimeMs]).toEqual([size, mtime.getTime()]);
    expect(hsc("--version").out).toBe("9.8.7\n");
    expect(forms()).toHaveLength(2);
    edit(VERSION, "9.8.7", "0.1.0");
    expect(hsc("--version").out).toBe("0.1.0\n");
    expect(forms()).toHaveLength(2);
    rmSync(join(checkout, "dist", first!), { recursive: true });
    expect(hsc("--version").out).toBe("0.1.0\n");
    expect(forms()).toContain(first);
  });
  test("so does one of the prelude, a file that comes, one that goes, and another version of a package", () => {
    writeFileSync(join(checkout, "p.hs"), "print own(3)\n");
    expect(hsc("check", "p.hs").code).toBe(2);
    const prelude = join(checkout, "src/frontend/prelude/own.hs");
    writeFileSync(prelude, "fn own(x) = x + 1\n");
    expect(hsc("run", "p.hs")).toMatchObject({ code: 0, out: "4\n" });
    edit("src/frontend/prelude/own.hs", "x + 1", "x * 5");
    expect(hsc("run", "p.hs")).toMatchObject({ code: 0, out: "15\n" });
    rmSync(prelude);
    expect(hsc("run", "p.hs").code).toBe(2);
    const before = forms().length;
    edit("package-lock.json", '"version": "0.1.0"', '"version": "0.1.1"');
    expect(hsc("--version").code).toBe(0);
    expect(forms()).toHaveLength(before + 1);
  });
  test("files that are as they were, but newer, change nothing", () => {
    hsc("--version");
    const made = statSync(join(checkout, "dist", forms()[0]!)).mtimeMs;
    utimesSync(join(checkout, VERSION), new Date(), new Date());
    expect(hsc("--version").out).toBe("0.1.0\n");
    expect(forms()).toHaveLength(1);
    expect(statSync(join(checkout, "dist", forms()[0]!)).mtimeMs).toBe(made);
  });
  test("sources that are wrong are an error, also where an older form lies there, until they are mended", () => {
    hsc("--version");
    edit(VERSION, "export const", "export konst");
    const r = hsc("--version");
    expect([r.code, r.out]).toEqual([1, ""]);
    expect(r.err).toMatch(/^error: hsc cannot be made of its sources\n[\s\S]*src\/version\.ts:2/);
    expect(forms()).toHaveLength(1);
    edit(VERSION, "export konst", "export const");
    expect(hsc("--version").out).toBe("0.1.0\n");
  });
  test("several starts at once make one form, and all are of it", async () => {
    const started = Array.from({ length: 4 }, () => {
      const child = spawn(process.execPath, [join(checkout, "bin/hsc.cjs"), "--version"], { env: environment() });
      let out = "";
      child.stdout.on("data", b => {
        out += b;
      });
      return new Promise<readonly unknown[]>(done => child.on("close", code => done([code, out])));
    });
    expect(await Promise.all(started)).toEqual(Array(4).fill([0, "0.1.0\n"]));
    expect(forms()).toHaveLength(1);
  });
  test("`npm run build` leaves the form of these sources alone; after an installation it never fails", () => {
    const build = (...args: readonly string[]) =>
      spawnSync(process.execPath, [join(checkout, "bin/packed.cjs"), ...args], { encoding: "utf8" });
    hsc("--version");
    edit(VERSION, "0.1.0", "9.8.7");
    expect(build().status).toBe(0);
    expect(forms()).toHaveLength(1);
    expect(hsc("--version").out).toBe("9.8.7\n");
    renameSync(join(checkout, "node_modules"), join(checkout, "elsewhere"));
    edit(VERSION, "9.8.7", "9.8.6");
    expect(build().status).toBe(1);
    const r = build("--if-possible");
    expect([r.status, r.stderr]).toEqual([0, expect.stringMatching(/^note: hsc cannot be made of its sources\n/)]);
  });
});

test("a package has no sources, and starts what it brought, threads and all", { timeout: 120_000 }, () => {
  expect(hsc("--version").code).toBe(0);
  const home = join(checkout, "home");
  const own = join(home, "node_modules/hsc");
  mkdirSync(own, { recursive: true });
  const { dependencies, files } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")); // as: npm's form
  for (const name of [...files, "package.json"]) cpSync(join(checkout, name), join(own, name), { recursive: true });
  for (const name of Object.keys(dependencies)) {
    mkdirSync(join(home, "node_modules", name, ".."), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(home, "node_modules", name));
  }
  expect(existsSync(join(own, "src"))).toBe(false);
  writeFileSync(join(home, "t.csv"), "a,b\n1,x\n2,y\n3,x\n");
  const program = [
    'let t: rdd { a: i32, b: string } = csv("t.csv")',
    "print n = t |> count",
    "print most = t |> group_by(.b, g => { n: count(g) }) |> max(.n)",
    "print s = sum(normal([2000, 400]) @ normal([400, 300])) > -1e9",
    "",
  ];
  writeFileSync(join(home, "p.hs"), program.join("\n"));
  const run = () =>
    spawnSync(process.execPath, [join(own, "bin/hsc.cjs"), "run", "p.hs"], {
      cwd: home,
      encoding: "utf8",
      env: environment(),
    });
  const r = run();
  expect([r.status, r.stdout, r.stderr]).toEqual([0, "n = 3\nmost = 2\ns = true\n", ""]);
  rmSync(join(own, "dist/current.json"));
  expect(run().stderr).toMatch(/^error: .*dist is not what the package brought along/);
});

test("trees that were written and read again are those that the parser makes", () => {
  const texts = preludeTexts();
  const trees = JSON.parse(JSON.stringify(parsePrelude(texts)));
  const files = Object.fromEntries(programs.map(p => [p.name, p.text]));
  const core = (text: string, kept: object): string => {
    const { core, diagnostics } = check("p.hs", hostOf({ ...files, "p.hs": text }), { prelude: texts, ...kept });
    return core ? coreText(core) : JSON.stringify(diagnostics);
  };
  for (const { name, text } of programs) expect([name, core(text, { trees })]).toEqual([name, core(text, {})]);
  const own = { prelude: { "prelude/own.hs": "fn double(x) = x * 2\n" } };
  const other = parsePrelude({ "prelude/own.hs": "fn double(x) = x * 3\n" });
  const sum = "print double(21)\n";
  // the trees count, not the text: whoever keeps them sees to that they are of the text
  expect(core(sum, { ...own, trees: other })).not.toBe(core(sum, own));
});
