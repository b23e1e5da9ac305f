/** Writes are whole or not there, whatever fails and when; bundles and cache entries notice damage. */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Plan } from "../../src/ir/plan.ts";
import { encodePlan, isBundle, readBundle, writeBundle } from "../../src/runtime/bundle.ts";
import { openCache, ownStamp, recording } from "../../src/runtime/cache.ts";
import { writeFolder, writeWhole } from "../../src/runtime/files.ts";
import { nodeHost } from "../../src/runtime/host.ts";
import { outlineOf } from "../../src/runtime/stages.ts";
import { stampOf } from "../../src/runtime/stamp.ts";
import { temporary } from "./temporary.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);
function* failing(): Iterable<Uint8Array> {
  yield bytes("half");
  throw Object.assign(new Error("write"), { code: "ENOSPC" });
}

describe("writeWhole", () => {
  test("writes, and replaces", () => {
    const path = join(temporary(), "a");
    writeWhole(path, [bytes("old")]);
    writeWhole(path, [bytes("new"), bytes("er")]);
    expect(readFileSync(path, "utf8")).toBe("newer");
    expect(readdirSync(dirname(path))).toEqual(["a"]);
  });
  test("through links, which stay, to a file that is there or not yet", () => {
    const folder = temporary();
    const there = (name: string): string => join(folder, name);
    mkdirSync(there("sub"));
    writeFileSync(there("sub/old"), "old");
    symlinkSync("sub/old", there("a"));
    symlinkSync("a", there("b"));
    symlinkSync("sub/none", there("c"));
    symlinkSync("d", there("d"));
    writeWhole(there("b"), [bytes("new")]);
    writeWhole(there("c"), [bytes("first")]);
    expect(readFileSync(there("sub/old"), "utf8")).toBe("new");
    expect(readFileSync(there("sub/none"), "utf8")).toBe("first");
    expect(["a", "b", "c"].map(n => readlinkSync(there(n)))).toEqual(["sub/old", "a", "sub/none"]);
    expect(() => writeWhole(there("d"), [bytes("never")])).toThrow("too many symbolic links");
    expect(readdirSync(there("sub")).sort()).toEqual(["none", "old"]);
  });
  test("that fails in the middle leaves the old file and nothing else", () => {
    const path = join(temporary(), "a");
    expect(() => writeWhole(path, failing())).toThrow(`cannot write ${path}: no space left on the disk`);
    expect(readdirSync(dirname(path))).toEqual([]);
    writeFileSync(path, "old");
    expect(() => writeWhole(path, failing())).toThrow("no space left");
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(dirname(path))).toEqual(["a"]);
  });
  test("that the system stops in the middle leaves nothing", () => {
    const folder = temporary();
    const module = join(import.meta.dirname, "../../src/runtime/files.ts");
    const code = `import { writeWhole } from ${JSON.stringify(module)};
      try { writeWhole("big", [new Uint8Array(4000), new Uint8Array(100_000)]); } catch (e) { console.log(e.message); }`;
    // the shell makes files of more than 8 blocks impossible; the signal is ignored, so write() fails with EFBIG
    const child = spawnSync(
      "bash",
      ["-c", `trap '' XFSZ; ulimit -f 8; exec "$0" --input-type=module -e "$1"`, process.execPath, code],
      {
        cwd: folder,
        encoding: "utf8",
      },
    );
    expect(child.stdout).toBe("cannot write big: the file would be too large\n");
    expect(readdirSync(folder)).toEqual([]);
  });
  test.each<[string, (folder: string) => string, string]>([
    ["a full device", () => "/dev/full", "no space left on the disk"],
    ["a missing folder", f => join(f, "b/c"), "no folder "],
    ["a folder", f => f, "is a folder, not a file"],
    ["below a file", f => join(f, "file/x"), "a part of the path is a file"],
    ["/proc, where nobody may write", () => "/proc/a", ""],
  ])("to %s is refused", (_, path, expected) => {
    const folder = temporary();
    writeFileSync(join(folder, "file"), "");
    const p = path(folder);
    expect(() => writeWhole(p, [bytes("x")])).toThrow(`cannot write ${p}: ${expected}`);
    expect(readdirSync(folder)).toEqual(["file"]);
  });
  test("to a device writes in place", () => {
    writeWhole("/dev/null", [bytes("x")]);
    expect(existsSync("/dev/null")).toBe(true);
  });
});

describe("writeFolder", () => {
  const put = (name: string) => (folder: string) => writeFileSync(join(folder, name), name);
  const mine = (folder: string): boolean => existsSync(join(folder, "mine")) || existsSync(join(folder, "second"));
  test("swaps the new folder in", () => {
    const out = join(temporary(), "deep/out");
    writeFolder(out, put("mine"), mine);
    writeFolder(out, put("second"), mine);
    expect(readdirSync(out)).toEqual(["second"]);
    expect(readdirSync(dirname(out))).toEqual(["out"]);
  });
  test("that fails leaves the old one", () => {
    const out = join(temporary(), "out");
    writeFolder(out, put("mine"), mine);
    const broken = (folder: string): void => {
      put("second")(folder);
      throw Object.assign(new Error("write"), { code: "ENOSPC" });
    };
    expect(() => writeFolder(out, broken, mine)).toThrow(`cannot write ${out}: no space left on the disk`);
    expect(readdirSync(out)).toEqual(["mine"]);
    expect(readdirSync(dirname(out))).toEqual(["out"]);
  });
  test("never replaces what hsc did not write", () => {
    const out = join(temporary(), "out");
    mkdirSync(out);
    writeFileSync(join(out, "thesis.txt"), "");
    expect(() => writeFolder(out, put("mine"), mine)).toThrow("it exists and hsc did not write it");
    const file = join(dirname(out), "a.parquet");
    writeFileSync(file, "yours");
    expect(() => writeFolder(file, put("mine"), () => true)).toThrow("a file of this name is there");
    expect(readFileSync(file, "utf8")).toBe("yours");
    const link = join(dirname(out), "link");
    symlinkSync(join(dirname(out), "nowhere"), link);
    expect(() => writeFolder(link, put("mine"), mine)).toThrow();
    expect(readdirSync(out)).toEqual(["thesis.txt"]);
  });
});

const plan: Plan = {
  version: 1,
  hsc: "0.1.0",
  profile: "p",
  base: ".",
  params: [
    { name: "lr", type: "f32", value: Number.NaN },
    { name: "width", type: "i32", value: -Infinity, fixed: "it decides a dim" },
  ],
  stages: [],
};
const modules = new Map([["a.wasm", bytes("\0asm")]]);

describe("bundles", () => {
  test("are read as they were written, with NaN and infinities, and know the program's folder", () => {
    const folder = temporary();
    writeBundle(join(folder, "build/out"), plan, modules, join(folder, "src"));
    const back = readBundle(join(folder, "build/out"));
    expect(back.plan.params).toEqual(plan.params);
    expect(back.plan.base).toBe("../../src");
    expect(Buffer.from(back.module("a.wasm")).toString()).toBe("\0asm");
    expect(isBundle(join(folder, "build"))).toBe(false);
  });
  test.each<[string, (out: string) => void, string]>([
    [
      "another version",
      out => writeFileSync(join(out, "plan.json"), encodePlan({ ...plan, version: 2 as 1, hsc: "9.9" })),
      "is of plan version 2, written by hsc 9.9; this hsc plays version 1: compile it again",
    ],
    [
      "a plan cut off",
      out => writeFileSync(join(out, "plan.json"), encodePlan(plan).slice(0, 40)),
      "is no JSON: it is damaged or cut off",
    ],
    ["another JSON file", out => writeFileSync(join(out, "plan.json"), "[]"), "is no plan that hsc wrote"],
    [
      "a module of another plan",
      out => writeFileSync(join(out, "a.wasm"), "\0asM"),
      "is not the module that plan.json was written with",
    ],
  ])("with %s are refused", (_, damage, expected) => {
    const out = join(temporary(), "out");
    writeBundle(out, plan, modules, temporary());
    damage(out);
    expect(() => readBundle(out).module("a.wasm")).toThrow(expected);
  });
});

describe("the cache", () => {
  const setUp = () => {
    const folder = temporary();
    const file = join(folder, "a.hs");
    writeFileSync(file, "print 1");
    writeFileSync(join(folder, "lib.hs"), "fn f(x) = x");
    const cache = openCache(join(folder, "cache"), "stamp");
    const host = nodeHost(folder);
    const key = (set: Record<string, string> = {}) => ({
      file,
      build: "simd" as const,
      set: new Map(Object.entries(set)),
    });
    const compile = (set: Record<string, string> = {}): void => {
      const r = recording(host);
      r.host.text(file);
      r.host.text(join(folder, "lib.hs"));
      cache.store(key(set), r.answers, { plan, modules }, outlineOf(plan), "warning: w");
    };
    const found = (set: Record<string, string> = {}): boolean => cache.find(key(set), host) !== undefined;
    return { folder, file, cache, host, key, compile, found };
  };
  test("finds what was compiled from the same texts", () => {
    const { file, cache, host, key, compile, found } = setUp();
    expect(found()).toBe(false);
    compile();
    const hit = cache.find(key(), host)!;
    expect(hit.warnings).toBe("warning: w");
    expect(Buffer.from(hit.bundle.module("a.wasm")).toString()).toBe("\0asm");
    writeFileSync(file, "print 2");
    expect(found()).toBe(false);
    writeFileSync(file, "print 1");
    expect(found()).toBe(true);
  });
  test("misses after a change of an import, of the compiler, of a fixed param; not of a free one", () => {
    const { folder, cache, host, key, compile, found } = setUp();
    compile({ width: "3" });
    expect(found({ width: "3" })).toBe(true);
    expect(found({ width: "3", lr: "0.5" })).toBe(true);
    expect(found({ width: "4" })).toBe(false);
    expect(found()).toBe(false);
    compile({ width: "4" });
    expect([found({ width: "3" }), found({ width: "4" })]).toEqual([true, true]);
    expect(openCache(join(folder, "cache"), "other stamp").find(key({ width: "3" }), host)).toBeUndefined();
    expect(cache.find({ ...key({ width: "3" }), build: "relaxed" }, host)).toBeUndefined();
    writeFileSync(join(folder, "lib.hs"), "fn f(x) = -x");
    expect(found({ width: "3" })).toBe(false);
  });
  test("misses after a change of a source's schema; not of its data", () => {
    const { folder, host, key, cache } = setUp();
    const idx = (rank: number, value: number): void =>
      writeFileSync(
        join(folder, "d.idx"),
        Buffer.from([0, 0, 8, rank, ...[1, 1].slice(0, rank).flatMap(n => [0, 0, 0, n]), value]),
      );
    idx(1, 7);
    const r = recording(host);
    r.host.schema("idx", ["d.idx"], {});
    cache.store(key(), r.answers, { plan, modules }, outlineOf(plan), "");
    idx(1, 8);
    expect(cache.find(key(), host)).toBeDefined();
    idx(2, 8);
    expect(cache.find(key(), host)).toBeUndefined();
  });
  test("does not look at files again whose stamp is the same", () => {
    const { folder, key, cache } = setUp();
    writeFileSync(join(folder, "d.idx"), Buffer.from([0, 0, 8, 1, 0, 0, 0, 1, 7]));
    const own = nodeHost(folder);
    let [asked, stamp]: [number, string | undefined] = [0, undefined];
    const host = {
      ...own,
      schema: (...of: Parameters<typeof own.schema>) => {
        asked++;
        return own.schema(...of);
      },
      stamp: () => stamp,
    };
    const finds = (now: string | undefined): readonly [boolean, number] => {
      stamp = now;
      asked = 0;
      return [cache.find(key(), host) !== undefined, asked];
    };
    const r = recording(host);
    r.host.schema("idx", ["d.idx"], {});
    cache.store(key(), r.answers, { plan, modules }, outlineOf(plan), "");
    expect(finds(undefined)).toEqual([true, 1]);
    expect(finds("a")).toEqual([true, 1]);
    const link = cache.find(key(), host)!.link;
    expect(finds("a")).toEqual([true, 0]);
    // other data with the same schema
    expect(finds("b")).toEqual([true, 1]);
    expect(finds("b")).toEqual([true, 0]);
    // what was compiled after it for these numbers is found as before
    expect(cache.find(key(), host)!.link).toBe(link);
    writeFileSync(join(folder, "d.idx"), Buffer.from([0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 1, 7]));
    expect(finds("c")).toEqual([false, 1]);
  });
  test("a stamp: other bytes, other files, another order; none of a file that was just written", () => {
    const { folder } = setUp();
    const [a, b] = [join(folder, "a.hs"), join(folder, "lib.hs")];
    const later = Date.now() + 10_000;
    const first = stampOf([a, b], later);
    expect(stampOf([a, b], later)).toBe(first);
    expect(stampOf([b, a], later)).not.toBe(first);
    expect(stampOf([a], later)).not.toBe(first);
    expect(stampOf([a, b], statSync(b).mtimeMs + 1)).toBeUndefined();
    expect(stampOf([a, join(folder, "none")], later)).toBeUndefined();
    expect(stampOf([folder], later)).toBeUndefined();
    writeFileSync(a, "print 2");
    expect(stampOf([a, b], later)).not.toBe(first);
  });
  test.each(["plan.json", "a.wasm", "entry.json"])("compiles again where %s is damaged or gone", name => {
    const { folder, compile, found } = setUp();
    compile();
    const cache = join(folder, "cache");
    const entry = join(cache, readdirSync(cache).find(n => !n.endsWith(".fixed"))!);
    const old = readFileSync(join(entry, name));
    writeFileSync(join(entry, name), old.subarray(0, -1));
    expect(found()).toBe(false);
    compile();
    expect(found()).toBe(true);
  });
  test("that cannot be written is an empty one", () => {
    const { folder, file, host } = setUp();
    writeFileSync(join(folder, "blocked"), "");
    const cache = openCache(join(folder, "blocked/cache"), "stamp");
    const key = { file, build: "simd" as const, set: new Map<string, string>() };
    cache.store(key, [], { plan, modules }, outlineOf(plan), "");
    expect(cache.find(key, host)).toBeUndefined();
  });
  test("sees an edit of the compiler", () => {
    const { folder, file } = setUp();
    const before = ownStamp(folder);
    expect(ownStamp(folder)).toBe(before);
    writeFileSync(file, "print 12");
    expect(ownStamp(folder)).not.toBe(before);
  });
});
