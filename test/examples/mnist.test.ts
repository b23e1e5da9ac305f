/** The README's program, as a user runs it: Caffe's LeNet on the held-out fifth of MNIST's t10k files, and again from its bundle. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { user } from "./user.ts";

test("LeNet reaches 0.96, and a bundle of it gives the same bits", { timeout: 300_000 }, () => {
  const { folder, hsc } = user("mnist.hs");
  const saved = (): string => readFileSync(join(folder, "mnist.safetensors"), "latin1");
  const out = hsc("run", "mnist.hs");
  const weights = saved();
  expect(Number(/^accuracy = (.*)$/m.exec(out)?.[1])).toBeGreaterThanOrEqual(0.96);
  hsc("compile", "mnist.hs", "-o", "out/");
  expect(hsc("run", "out/")).toBe(out);
  expect(saved() === weights).toBe(true);
});
