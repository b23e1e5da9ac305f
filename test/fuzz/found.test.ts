/** What the fuzzer found, shrunk, one file each: the first line says what was wrong. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { caseText, parseCase } from "./case.ts";
import { check } from "./check.ts";

const folder = join(import.meta.dirname, "found");
describe("found by the fuzzer", () => {
  it.each(readdirSync(folder).sort())("%s", async file => {
    const text = readFileSync(join(folder, file), "utf8");
    const c = parseCase(text);
    expect((await check(c)).failure).toBeUndefined();
    expect(text.split("\n").slice(1).join("\n").trim()).toBe(caseText(c).trim());
  });
});
