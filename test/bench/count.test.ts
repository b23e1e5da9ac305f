/** What `hsc bench` counts: operations and bytes of programs for which a person can count them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { benchProgram } from "../../src/bench.ts";

const folder = mkdtempSync(join(tmpdir(), "hsc-count-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Told {
  readonly records: number;
  readonly step?: { readonly records: number };
  readonly arena: { readonly state: number };
  readonly kernels: readonly { times: number; best: number; mean: number; flops: number }[];
}
async function benched(text: string): Promise<Told> {
  const file = join(folder, "p.hs");
  writeFileSync(file, text);
  return JSON.parse(await benchProgram(file, { set: new Map(), threads: 2, seconds: 0.02, json: true }));
}
const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);

test("a product: 2 n^3 operations, three matrices", async () => {
  const { kernels, records, arena } = await benched(
    'let x = normal([48, 48])\nlet y = normal([48, 48])\nsave stop_gradient(x) @ stop_gradient(y) to "z.npy"',
  );
  const product = kernels.reduce((a, b) => (b.flops > a.flops ? b : a));
  expect(records).toBe(0);
  expect(product.flops).toBe(2 * 48 ** 3);
  expect(arena.state).toBeGreaterThan(4 * 48 * 48);
  for (const k of kernels) expect(k.mean).toBeGreaterThanOrEqual(k.best);
});
test("a training: the pads of its panels count", async () => {
  const { kernels, records, step } = await benched(`
let x = normal([40, 32])
let net = train(v => v |> dense(16), rows(x), loss: (m, r) => sum(m(r)), optimizer: sgd(0.1), batch: 20, epochs: 100000)
save net to "net.safetensors"`);
  expect(records).toBe(20);
  expect(step!.records).toBe(20);
  // forward, and the gradient of the weights: 2 x 32 x 16 per record each, on two panels of 16
  const products = kernels.filter(k => k.flops >= 2 * 32 * 16 * 20);
  expect(products.length).toBeGreaterThanOrEqual(2);
  expect(sum(products.map(k => k.flops))).toBeGreaterThanOrEqual(2 * 2 * 32 * 16 * 20);
});
test("a training that has no whole batch: its kernels, and no time of a step", async () => {
  const text =
    'save train(v => v |> dense(16), rows(normal([8, 32])), loss: (m, r) => sum(m(r)), optimizer: sgd(0.1), batch: 20, epochs: 2) to "n.safetensors"';
  const told = await benched(text);
  expect(told.records).toBe(8);
  expect("step" in told).toBe(false);
  const shown = await benchProgram(join(folder, "p.hs"), { set: new Map(), threads: 2, seconds: 0.02, json: false });
  expect(shown).toContain("\nwhole step: not measured, the training has too few whole batches\n");
});

test("what a loop inside a step repeats counts as often", async () => {
  const { kernels } = await benched(`
let net = train(v => rnn(v, 16), rows(normal([64, 12, 8])), loss: (m, r) => sum(m(r)), optimizer: sgd(0.1), batch: 32, epochs: 50)
save net to "net.safetensors"`);
  // h @ wh, forward: 2 x 16 x 16 per record in each of 12 steps
  const repeated = kernels.filter(k => k.times === 12);
  expect(Math.max(...repeated.map(k => k.flops))).toBeGreaterThanOrEqual(2 * 16 * 16 * 32);
  expect(kernels.every(k => k.times === 1 || k.times === 12)).toBe(true);
});
test("of many kernels those are shown that take longest, and the share of the others", async () => {
  const file = join(folder, "many.hs");
  // a table of its own for each: nothing of one is fused with another
  const saves = Array.from({ length: 24 }, (_, i) => `save sort(normal([${i + 5}])) to "${i}.npy"\n`);
  writeFileSync(file, saves.join(""));
  const text = await benchProgram(file, { set: new Map(), threads: 1, seconds: 0.02, json: false });
  const lines = text.split("\n");
  const head = lines.findIndex(l => l.startsWith("kernel "));
  const shown = lines.slice(head + 1, lines.indexOf("", head));
  expect(shown.length).toBe(21);
  expect(shown.slice(0, 20).every(l => /^k\d+_/.test(l))).toBe(true);
  const kernels = Number(/^(\d+) kernels: /m.exec(text)![1]);
  expect(kernels).toBeGreaterThan(24);
  expect(shown[20]).toMatch(/^\d+ more, [\d.]+ % of the time \(all: --json\)$/);
});
