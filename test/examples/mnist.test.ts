/** The README's program, as a user runs it: Caffe's LeNet on the held-out fifth of MNIST's t10k files, and again from its bundle. */
import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const hsc = (cwd: string, ...args: readonly string[]): string => {
  const run = spawnSync(process.execPath, [join(root, "bin/hsc.cjs"), ...args], { cwd, encoding: "utf8", env: { ...process.env, HSC_CACHE: join(cwd, "cache") } });
  if (run.status !== 0) throw new Error(run.stderr);
  return run.stdout;
};

test("LeNet reaches 0.96, and a bundle of it gives the same bits", { timeout: 300_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "hsc-mnist-"));
  try {
    copyFileSync(join(root, "examples/mnist.hs"), join(folder, "mnist.hs"));
    cpSync(join(root, "examples/data"), join(folder, "data"), { recursive: true });
    const out = hsc(folder, "run", "mnist.hs");
    const weights = readFileSync(join(folder, "mnist.safetensors"));
    expect(Number(/^accuracy = (.*)$/m.exec(out)?.[1])).toBeGreaterThanOrEqual(0.96);
    hsc(folder, "compile", "mnist.hs", "-o", "out/");
    expect(hsc(folder, "run", "out/")).toBe(out);
    expect(readFileSync(join(folder, "mnist.safetensors")).equals(weights)).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
