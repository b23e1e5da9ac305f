/** Programs through the command line: what runs, what is refused with its place, what the cache spares. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test, vi } from "vitest";
import { COMPILER, listing } from "./imports.ts";
import { dataFolder } from "./stage.ts";
import { temporary } from "./temporary.ts";

// processes on a busy machine
vi.setConfig({ testTimeout: 120_000 });
const BIN = join(import.meta.dirname, "../../bin/hsc.cjs");
function hsc(folder: string, args: readonly string[], options = "") {
  const env = { ...process.env, HSC_CACHE: join(folder, ".cache"), NODE_OPTIONS: options };
  const r = spawnSync(process.execPath, [BIN, ...args], { cwd: folder, encoding: "utf8", env });
  return { code: r.status, out: r.stdout, err: r.stderr };
}
const PROGRAM = `param scale = 2.0
let data = idx("data.idx")
print total = sum(data, r => r.image * scale)
`;
function project(program = PROGRAM): string {
  const folder = dataFolder([1, 2, 3, 4, 5, 6, 7]);
  writeFileSync(join(folder, "a.hs"), program);
  return folder;
}
describe("hsc run", () => {
  test("prints, with --set, from any folder", () => {
    const folder = project();
    expect(hsc(folder, ["run", "a.hs"])).toEqual({ code: 0, out: "total = 56\n", err: "" });
    expect(hsc(folder, ["run", "a.hs", "--set", "scale=0.5"]).out).toBe("total = 14\n");
    expect(hsc(temporary(), ["run", join(folder, "a.hs")]).out).toBe("total = 56\n");
  });
  test("the second time does not import the compiler; after an edit it does, and after damage to the cache", () => {
    const folder = project();
    expect(hsc(folder, ["run", "a.hs"]).code).toBe(0);
    const options = listing(folder);
    const compiled = (): boolean => {
      const r = hsc(folder, ["run", "a.hs"], options);
      expect([r.code, r.out]).toEqual([0, "total = 56\n"]);
      return COMPILER.test(r.err);
    };
    expect(compiled()).toBe(false);
    writeFileSync(join(folder, "a.hs"), `${PROGRAM}// a comment\n`);
    expect([compiled(), compiled()]).toEqual([true, false]);
    for (const entry of readdirSync(join(folder, ".cache"), { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      for (const f of readdirSync(join(folder, ".cache", entry.name)))
        writeFileSync(join(folder, ".cache", entry.name, f), "damaged");
    }
    expect([compiled(), compiled()]).toEqual([true, false]);
  });
  test("forgets the programs that were not used for longest, and nothing that others keep beside them", () => {
    const folder = project();
    const cache = join(folder, ".cache");
    const old = new Date(2020, 0, 1);
    const names = Array.from({ length: 120 }, (_, i) => i.toString(16).padStart(64, "0"));
    for (const name of ["venv", "swiftshader-1.0", ...names]) {
      mkdirSync(join(cache, name), { recursive: true });
      utimesSync(join(cache, name), old, old);
    }
    for (const name of [...names.map(n => `${n}.fixed`), "notes.json"]) {
      writeFileSync(join(cache, name), "[]");
      utimesSync(join(cache, name), old, old);
    }
    expect(hsc(folder, ["run", "a.hs"]).out).toBe("total = 56\n");
    const left = readdirSync(cache);
    expect(left).toEqual(expect.arrayContaining(["venv", "swiftshader-1.0", "notes.json"]));
    expect(left.filter(n => /^[0-9a-f]{64}$/.test(n))).toHaveLength(100);
    expect(left.filter(n => n.endsWith(".fixed")).length).toBeLessThanOrEqual(101);
  });
  test("with a cache that cannot be written works as well", () => {
    const folder = project();
    writeFileSync(join(folder, ".cache"), "");
    expect(hsc(folder, ["run", "a.hs"])).toEqual({ code: 0, out: "total = 56\n", err: "" });
  });
});

describe("hsc compile", () => {
  test("writes what `hsc run out/` plays with the same result, and replaces it as a whole", () => {
    const folder = project();
    expect(hsc(folder, ["compile", "a.hs", "-o", "out/"])).toEqual({ code: 0, out: "", err: "" });
    expect(statSync(join(folder, "out")).mode & 0o777).toBe(0o777 & ~process.umask());
    expect(hsc(folder, ["run", "out/"]).out).toBe("total = 56\n");
    expect(hsc(folder, ["run", "out", "--set", "scale=3"]).out).toBe("total = 84\n");
    const before = readFileSync(join(folder, "out/plan.json"), "utf8");
    writeFileSync(join(folder, "a.hs"), "print nope\n");
    expect(hsc(folder, ["compile", "a.hs", "-o", "out"]).code).toBe(2);
    expect(readFileSync(join(folder, "out/plan.json"), "utf8")).toBe(before);
    expect(readdirSync(folder).sort()).toEqual(["a.hs", "data.idx", "out"]);
  });
  test("does not touch a folder that it did not write", () => {
    const folder = project();
    mkdirSync(join(folder, "out"));
    writeFileSync(join(folder, "out/thesis.txt"), "");
    const r = hsc(folder, ["compile", "a.hs", "-o", "out"]);
    expect([r.code, r.err]).toEqual([1, "error: cannot write out: it exists and hsc did not write it\n"]);
    expect(readdirSync(join(folder, "out"))).toEqual(["thesis.txt"]);
  });
});

describe("what is wrong is said with its place, and exit code 2", () => {
  const put =
    (name: string, bytes: string | Uint8Array, ...args: readonly string[]) =>
    (folder: string): readonly string[] => {
      writeFileSync(join(folder, name), bytes);
      return args;
    };
  const frame = (place: string, line: string, carets: string): string => `  --> ${place}\n ${line}\n   | ${carets}\n`;
  test.each<[string, (folder: string) => readonly string[], string]>([
    ["a missing program", () => ["run", "b.hs"], "error: cannot read b.hs: no such file\n"],
    ["an empty program", put("b.hs", "", "run", "b.hs"), "error: b.hs is empty, a program was expected\n"],
    [
      "a binary program",
      put("b.hs", "\x7fELF\0", "check", "b.hs"),
      "error: b.hs is a binary file (a zero byte at offset 4), a program was expected\n",
    ],
    [
      "a program that is not UTF-8",
      put("b.hs", Buffer.of(0x61, 0xff), "check", "b.hs"),
      "error: b.hs is not UTF-8: byte 0xff at offset 1",
    ],
    [
      "a param that does not exist",
      () => ["run", "a.hs", "--set", "skale=1"],
      "error: --set skale: the program has no param `skale`\nnote: params: scale\nhelp: did you mean `scale`?\n",
    ],
    [
      "a missing file",
      put("b.hs", 'print count(idx("no.idx"))\n', "run", "b.hs"),
      `error: cannot read no.idx: no such file\n${frame("b.hs:1:17", '1 | print count(idx("no.idx"))', "                ^^^^^^^^")}`,
    ],
    [
      "labels that do not fit",
      folder => {
        writeFileSync(join(folder, "l.idx"), Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 0, 1));
        return put("b.hs", 'print count(idx("data.idx", "l.idx"))\n', "run", "b.hs")(folder);
      },
      `error: l.idx has 2 labels for the 7 rows of data.idx\n${frame("b.hs:1:29", '1 | print count(idx("data.idx", "l.idx"))', "                            ^^^^^^^")}`,
    ],
    [
      "missing labels",
      put("b.hs", 'print count(idx("data.idx", "l.idx"))\n', "run", "b.hs"),
      `error: cannot read l.idx: no such file\n${frame("b.hs:1:29", '1 | print count(idx("data.idx", "l.idx"))', "                            ^^^^^^^")}`,
    ],
    [
      "a file cut off",
      put("data.idx", Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 7, 1, 2), "run", "a.hs"),
      `error: data.idx has 10 bytes, its header (7 elements of 1 bytes) needs 15: it is cut off\n${frame("a.hs:2:16", '2 | let data = idx("data.idx")', "               ^^^^^^^^^^")}`,
    ],
    [
      "a file of another format",
      put("data.idx", "hello", "check", "a.hs"),
      "error: data.idx is no idx file: it starts with 68 65 6c 6c",
    ],
  ])("%s", (_, prepare, expected) => {
    const folder = project();
    const r = hsc(folder, prepare(folder));
    expect([r.code, r.out, r.err.slice(0, expected.length)]).toEqual([2, "", expected]);
  });
  test("a program that is a folder", () => {
    const folder = project();
    mkdirSync(join(folder, "d.hs"));
    const r = hsc(folder, ["run", "d.hs"]);
    expect([r.code, r.err]).toEqual([
      2,
      "error: d.hs is a folder without plan.json: a program, or what hsc compile wrote, was expected\n",
    ]);
  });
});
describe("where it runs and who listens", () => {
  const TRAINING = `let data = idx("data.idx")
model M(x: f32[1]) -> f32[1] = x |> dense(1)
let net = train(M, data, loss: (m, r) => sum(m(reshape(f32(r.image), [1]))^2), optimizer: sgd(1e-4), batch: 4, epochs: 40, shuffle: false)
print first = 1
save net to "net.safetensors"
`;
  const sh = (folder: string, line: string) => {
    const env = { ...process.env, HSC_CACHE: join(folder, ".cache"), HSC: `${process.execPath} ${BIN}` };
    return spawnSync("bash", ["-c", line], { cwd: folder, encoding: "utf8", env });
  };
  test("in folders and files with spaces and other letters, through links", () => {
    const folder = join(temporary(), "a b", "d\u00fcr \u65e5\u672c");
    mkdirSync(join(folder, "..", "elsewhere"), { recursive: true });
    mkdirSync(folder);
    writeFileSync(join(folder, "data.idx"), readFileSync(join(dataFolder([1, 2, 3, 4, 5, 6, 7]), "data.idx")));
    writeFileSync(join(folder, "my program.hs"), PROGRAM);
    symlinkSync("my program.hs", join(folder, "link.hs"));
    const out = { code: 0, out: "total = 56\n", err: "" };
    expect(hsc(folder, ["run", "my program.hs"])).toEqual(out);
    expect(hsc(folder, ["run", "link.hs"])).toEqual(out);
    expect(hsc(folder, ["compile", "my program.hs", "-o", "../elsewhere/o ut"])).toEqual({ code: 0, out: "", err: "" });
    expect(hsc(folder, ["run", "../elsewhere/o ut"])).toEqual(out);
    symlinkSync("../elsewhere/o ut", join(folder, "out"));
    expect(hsc(folder, ["run", "out"])).toEqual(out);
  });
  test("a reader who has read enough ends it without a word", () => {
    const r = sh(
      project('let d = idx("data.idx")\nprint a = 1\nprint b = 2\nprint c = count(d)\n'),
      '$HSC run a.hs | true; echo "$PIPESTATUS"',
    );
    expect([r.stdout, r.stderr]).toEqual(["1\n", ""]);
  });
  test("nobody who reads the status is no reason to stop", () => {
    const folder = project(TRAINING);
    const r = sh(folder, '$HSC run a.hs 2> >(head -1 >&2); echo "$?"');
    expect(r.stdout).toBe("first = 1\n0\n");
    expect(readdirSync(folder)).toContain("net.safetensors");
  });
  test("results to stdout, the status to stderr, an event per line to the log", () => {
    const folder = project(TRAINING.replace("epochs: 40", "epochs: 2"));
    const r = hsc(folder, ["run", "a.hs", "--log", "run.jsonl", "--threads", "1"]);
    expect([r.code, r.out]).toEqual([0, "first = 1\n"]);
    expect(r.err).toMatch(
      /^epoch 1\/2 {2}step 2\/2 {2}loss \S+ {2}\S+ records\/s\nepoch 2\/2 {2}step 2\/2 {2}loss \S+ {2}\S+ records\/s\n$/,
    );
    const events = readFileSync(join(folder, "run.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map(l => JSON.parse(l));
    expect(events.map(e => e.event)).toEqual(["start", "print", "epoch", "epoch", "save", "end"]);
    expect(events[3]).toMatchObject({ epoch: 2, records: 7 });
  });
  test("--seed decides what is random, and nothing else does", () => {
    const folder = project(
      'print u = uniform([2])\nprint v = idx("data.idx") |> shuffle |> take(3) |> sum(r => r.image)\n',
    );
    const [a, b, c] = ["0", "1", "1"].map(seed => hsc(folder, ["run", "a.hs", "--seed", seed]).out);
    expect(b).toBe(c);
    expect(a).not.toBe(b);
    expect(hsc(folder, ["run", "a.hs"]).out).toBe(a);
  });
});
test("a program without effects is told to do nothing", () => {
  expect(hsc(project("// nothing\n"), ["run", "a.hs"])).toEqual({
    code: 0,
    out: "",
    err: "warning: the program has neither print nor save: there is nothing to do\n",
  });
});
test("a gzip file that is cut off is found when it is read: nothing is printed or saved", () => {
  const folder = project(
    'let data = idx("data.gz")\nsave sum(data, r => r.image) to "total.npy"\nprint total = sum(data, r => r.image)\n',
  );
  const rows = Uint8Array.from({ length: 30_000 }, (_, i) => Math.imul(i, 2654435761) >>> 24);
  const all = gzipSync(Buffer.concat([Uint8Array.of(0, 0, 8, 1, 0, 0, 0x75, 0x30), rows]));
  writeFileSync(join(folder, "data.gz"), all.subarray(0, all.length / 2));
  const r = hsc(folder, ["run", "a.hs"]);
  expect([r.code, r.out]).toEqual([1, ""]);
  expect(r.err).toMatch(/^error: data\.gz is cut off: the gzip data end after \d+ bytes\n {2}--> a\.hs:1:12\n/);
  expect(readdirSync(folder).sort()).toEqual([".cache", "a.hs", "data.gz", "data.idx"]);
});
test("a file that grows too large leaves the old one, and no temporary", () => {
  const folder = project('save zeros([60000]) to "z.npy"\n');
  writeFileSync(join(folder, "z.npy"), "old");
  hsc(folder, ["check", "a.hs"]);
  const env = { ...process.env, HSC_CACHE: join(folder, ".cache"), NODE_DISABLE_COMPILE_CACHE: "1" };
  // in units of 512 or 1024 bytes: the tensor has 240000
  const limited = `ulimit -f 100; exec "$0" "$1" run a.hs`;
  const r = spawnSync("sh", ["-c", limited, process.execPath, BIN], { cwd: folder, encoding: "utf8", env });
  expect([r.status, r.stderr]).toEqual([
    1,
    'error: cannot write z.npy: the file would be too large\n  --> a.hs:1:1\n 1 | save zeros([60000]) to "z.npy"\n   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n',
  ]);
  expect(readFileSync(join(folder, "z.npy"), "utf8")).toBe("old");
  expect(readdirSync(folder).filter(n => n.includes(".tmp"))).toEqual([]);
});
test("a place that cannot be written is found before the work is done", () => {
  const place = (path: string): string =>
    `let data = idx("data.idx")\nprint total = sum(data, r => r.image)\nsave zeros([3]) to "${path}"\n`;
  const missing = hsc(project(place("no/z.npy")), ["run", "a.hs"]);
  expect([missing.code, missing.out]).toEqual([1, ""]);
  expect(missing.err).toMatch(/^error: cannot write no\/z\.npy: no folder no\n {2}--> a\.hs:3:1\n/);
  const folder = project(place("z.npy"));
  mkdirSync(join(folder, "z.npy"));
  const r = hsc(folder, ["run", "a.hs"]);
  expect([r.code, r.out, r.err.split("\n")[0]]).toEqual([1, "", "error: cannot write z.npy: is a folder, not a file"]);
});
test("saving to a full disk fails with the place, and leaves nothing", () => {
  const folder = project('save zeros([3]) to "z.npy"\n');
  symlinkSync("/dev/full", join(folder, "z.npy"));
  const r = hsc(folder, ["run", "a.hs"]);
  expect(r.code).toBe(1);
  expect(r.err).toMatch(/^error: cannot write z\.npy: no space left on the disk\n {2}--> a\.hs:1:1\n/);
  expect(readdirSync(folder).filter(n => n.endsWith(".tmp"))).toEqual([]);
});
