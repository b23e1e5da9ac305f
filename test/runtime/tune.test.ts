/** `hsc tune`: the profile that it writes is the one that programs are compiled with, until it is taken away. Asserts no rate. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { AVX2, profileOf } from "../../src/passes/profile.ts";

const folder = mkdtempSync(join(tmpdir(), "hsc-tune-"));
afterAll(() => rmSync(folder, { recursive: true }));
const entry = join(import.meta.dirname, "../../bin/hsc.cjs");
const env = { ...process.env, HSC_CACHE: join(folder, "cache") };
const hsc = (...args: readonly string[]): string =>
  execFileSync(process.execPath, [entry, ...args], { encoding: "utf8", env, cwd: folder });
/** the profile that the log names */
function runs(): string {
  hsc("run", "p.hs", "--log", "run.jsonl");
  const first = readFileSync(join(folder, "run.jsonl"), "utf8").split("\n")[0]!;
  return (JSON.parse(first) as { profile: string }).profile;
}

test("a tuned profile is used, named, and forgotten", () => {
  writeFileSync(join(folder, "p.hs"), "print sum(normal([8, 8]) @ normal([8, 8])) > 1e9\n");
  expect(runs()).toBe("avx2");
  hsc("tune");
  const path = join(folder, "cache", "profile.json");
  const written = profileOf(JSON.parse(readFileSync(path, "utf8")));
  if (typeof written === "string") throw new Error(written);
  expect(written.name).toMatch(/^tuned-[0-9a-f]{8}$/);
  expect([16, 32]).toContain(written.vectorBytes);
  // compiled anew, and then found in the cache, under that name
  expect([runs(), runs()]).toEqual([written.name, written.name]);
  writeFileSync(path, '{"name": "mine"}');
  const wrong = spawnSync(process.execPath, [entry, "check", "p.hs"], { encoding: "utf8", env, cwd: folder });
  expect(wrong.stderr).toContain("profile.json is no profile: `vectorBytes` is no positive number");
  hsc("tune", "--reset");
  expect(runs()).toBe("avx2");
});
test.each([
  [AVX2, AVX2],
  [{ ...AVX2, name: "" }, "`name` is missing"],
  [{ ...AVX2, registers: 0 }, "`registers` is no positive number"],
  [{ ...AVX2, loads: "many" }, "`loads` is no positive number"],
  [{ ...AVX2, cores: 2 }, "`cores` is nothing that a profile says"],
  [null, "it is no record"],
])("%o is read as it is, or refused", (json, said) => {
  expect(profileOf(json)).toEqual(said);
});
