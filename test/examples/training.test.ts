/** The examples of training: each learns, writes what it says, and what hangs on no clock is the same on every run. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { npy } from "../../src/runtime/formats/npy.ts";
import { cifarFiles, write } from "../data/make.ts";
import { user } from "./user.ts";

vi.setConfig({ testTimeout: 400_000 });
const numbers = (text: string, pattern: RegExp): readonly number[] =>
  [...text.matchAll(pattern)].map(m => Number(m[1]));

test("autoencoder.hs: two models are trained as one, and used apart", () => {
  const { folder, status } = user("autoencoder.hs");
  const losses = numbers(status("run", "autoencoder.hs"), /^epoch .* loss (\S+)/gm);
  expect(losses.length).toBe(10);
  expect(losses.at(-1)).toBeLessThan(0.02);
  const codes = npy.tensor!(join(folder, "codes.npy"), undefined);
  expect([codes.store, codes.shape]).toEqual(["f32", [10_000, 32]]);
});
test("sweep.hs: a table of eight trials, and the best of them", () => {
  const { hsc } = user("sweep.hs");
  const lines = hsc("run", "sweep.hs").trimEnd().split("\n");
  expect(lines[0]!.split(/ +/).filter(Boolean)).toEqual(["lr", "hidden", "p", "accuracy"]);
  const trials = lines.slice(1, 9).map(l => l.trim().split(/ +/).map(Number));
  expect(trials.map(t => t.slice(0, 3))).toEqual(
    [0.1, 0.01].flatMap(lr => [64, 256].flatMap(hidden => [0, 0.5].map(p => [lr, hidden, p]))),
  );
  expect(Math.max(...trials.map(t => t[3]!))).toBeGreaterThan(0.92);
  expect(Number(/^test = (.*)$/.exec(lines[9]!)?.[1])).toBeGreaterThan(0.92);
});
test("monitoring.hs: stops early, keeps the best, writes its curve, and goes on from a checkpoint at the same digits", () => {
  const { folder, hsc } = user("monitoring.hs", text => text.replace("dense(256)", "dense(64)"));
  const out = hsc("run", "monitoring.hs");
  const rows = out.match(/\d+/g)!.map(Number);
  expect(out).toMatch(/^confusion =\n\[\[/);
  expect(rows.length).toBe(100);
  const right = rows.filter((_, i) => i % 11 === 0).reduce((a, b) => a + b);
  expect(right / rows.reduce((a, b) => a + b)).toBeGreaterThan(0.93);
  const curve = readFileSync(join(folder, "curve.csv"), "utf8").trimEnd().split("\n");
  expect(curve[0]).toBe("epoch,step,loss,seconds,val.loss,val.accuracy,val.top3");
  const accuracies = curve.slice(1).map(l => Number(l.split(",")[5]));
  const best = accuracies.indexOf(Math.max(...accuracies)) + 1;
  expect(accuracies.length).toBe(best + 5);
  rmSync(join(folder, "curve.csv"));
  expect(hsc("run", "monitoring.hs", "--resume")).toBe(out);
  const again = readFileSync(join(folder, "curve.csv"), "utf8").trimEnd().split("\n");
  expect(again).toEqual(curve);
});
// a residual net's rate of 0.1 is made for thousands of steps: in its first dozen the loss jumps up and down
test.each([
  ["cifar10.hs", 100, 3, "quick"],
  ["resnet.hs", 128, 3, "resnet"],
])("%s runs on files in CIFAR's format", (name, batch, epochs, saved) => {
  const { folder, status } = user(name, t =>
    t.replace(`batch: ${batch}`, `batch: ${batch / 2}`).replaceAll("[0.1, 0.01, 0.001]", "[0.01, 0.01, 0.001]"),
  );
  write(cifarFiles, join(folder, "data"));
  const losses = numbers(status("run", name, "--set", `epochs=${epochs}`), /^epoch .* loss (\S+) {2}val/gm);
  expect(losses.at(-1)).toBeLessThan(losses[0]!);
  expect(readFileSync(join(folder, `${saved}.safetensors`)).length).toBeGreaterThan(100_000);
});
