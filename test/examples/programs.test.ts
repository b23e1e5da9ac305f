/** `make.ts` makes a folder in which every program of test/frontend/programs finds the files that it reads. What they compute is seen to elsewhere: docs/programs.md. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writePrograms } from "../data/make.ts";

const BIN = join(import.meta.dirname, "../../bin/hsc.cjs");
const folder = mkdtempSync(join(tmpdir(), "hsc-programs-"));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => writePrograms(folder), 120_000);
const hsc = (...args: readonly string[]): { readonly status: number | null; readonly stderr: string } =>
  spawnSync(process.execPath, [BIN, ...args], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, HSC_CACHE: join(folder, "cache"), NO_COLOR: "1" },
  });

/** what is said of a program that has its files; nothing of all others */
const SAID: Readonly<Record<string, RegExp>> = {
  "16_transfer.hs": /^limit: saving \.onnx is not built yet\n/,
};
const programs = readdirSync(join(import.meta.dirname, "../frontend/programs")).filter(f => /^\d/.test(f));
test.each(programs)("%s has what it reads", { timeout: 120_000 }, name => {
  const given = name === "18_batch_inference.hs" ? ["--set", "input=rows.parquet"] : [];
  if (given.length) {
    // what 01_lenet.hs saves
    writeFileSync(
      join(folder, "b.hs"),
      'import "lenet_model.hs"\nsave init(lenet_model.LeNet) to "mnist.safetensors"\n',
    );
    for (const before of ["rows.hs", "b.hs"]) expect(hsc("run", before).stderr).toBe("");
  }
  const { status, stderr } = hsc("check", name, ...given);
  const said = SAID[name];
  if (said) expect(stderr).toMatch(said);
  else expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});
