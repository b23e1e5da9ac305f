/** What is kept beside the cache: found again as it was, for what it was made of and nothing else; damaged, it is not there. The trees of the prelude. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { check, type KeptTrees } from "../../src/frontend/check/index.ts";
import { coreText } from "../../src/frontend/core-text.ts";
import { keptValue } from "../../src/runtime/kept-value.ts";
import { temporary } from "./temporary.ts";

const value = { a: [1, Number.NaN, -0, undefined], b: { c: 2n ** 70n, d: undefined }, text: "\u{1f426}" };
test("a value is found as it was, for what it was made of", () => {
  const folder = join(temporary(), "not there yet");
  const one = keptValue(folder, "value", "one");
  expect(one.find()).toBeUndefined();
  one.keep(value);
  expect(keptValue(folder, "value", "one").find()).toStrictEqual(value);
  expect(keptValue(folder, "value", "two").find()).toBeUndefined();
  expect(keptValue(folder, "other", "one").find()).toBeUndefined();
  keptValue(folder, "value", "two").keep([]);
  expect(one.find()).toBeUndefined();
  expect(readdirSync(folder)).toHaveLength(1);
});
test("a damaged value is not there, and a folder that cannot be written stops nobody", () => {
  const folder = temporary();
  const kept = keptValue(folder, "value", "one");
  kept.keep(value);
  const path = join(folder, readdirSync(folder)[0]!);
  const whole = readFileSync(path);
  for (const at of [0, 63, 64, whole.length - 1]) {
    const bytes = Buffer.from(whole);
    bytes[at]! ^= 1;
    writeFileSync(path, bytes);
    expect([at, kept.find()]).toEqual([at, undefined]);
  }
  for (const size of [0, 10, 64, whole.length - 1]) {
    writeFileSync(path, whole.subarray(0, size));
    expect([size, kept.find()]).toEqual([size, undefined]);
  }
  const file = join(folder, "file");
  writeFileSync(file, "");
  keptValue(file, "value", "one").keep(value);
  expect(keptValue(file, "value", "one").find()).toBeUndefined();
});

const host = { text: () => "print double(21)\n", schema: () => ({}) as never }; // no program here has sources
const core = (prelude: string, trees: KeptTrees): string => {
  const checked = check("p.hs", host, { prelude: { "prelude/own.hs": prelude }, trees });
  expect(checked.diagnostics).toEqual([]);
  return coreText(checked.core!);
};
test("the trees of the prelude are kept when they are made, and taken where they are found", () => {
  let made: ReturnType<KeptTrees["find"]>;
  const keep: KeptTrees["keep"] = trees => {
    made = trees;
  };
  const times = (n: number): string => `fn double(x) = x * ${n}\n`;
  const first = core(times(2), { find: () => undefined, keep });
  expect(Object.keys(made!)).toEqual(["prelude/own.hs"]);
  const kept = structuredClone(made);
  made = undefined;
  // what is found counts, not the text: whoever keeps trees sees to that they are of the text
  expect(core(times(3), { find: () => kept, keep })).toBe(first);
  expect(made).toBeUndefined();
  expect(core(times(4), { find: () => undefined, keep })).not.toBe(first);
});
test("the command line keeps them beside the cache", () => {
  const folder = temporary();
  const cache = join(folder, "cache");
  writeFileSync(join(folder, "p.hs"), "print sum(normal([3]) |> relu) >= 0\n");
  const run = (): string =>
    execFileSync(process.execPath, [join(import.meta.dirname, "../../bin/hsc.cjs"), "run", "p.hs"], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, HSC_CACHE: cache },
    });
  const kept = (): readonly string[] => readdirSync(cache).filter(f => f.startsWith("prelude-"));
  const said = run();
  expect(kept()).toHaveLength(1);
  writeFileSync(join(folder, "p.hs"), "print sum(normal([3]) |> relu) >= 0 // another text\n");
  expect(run()).toBe(said);
  expect(kept()).toHaveLength(1);
});
